"""Made-up entries in the forms of neighbouring databases."""

import json
from typing import Any

INCIDENTS = b'''\
_id,incident_id,date,reports,Alleged deployer of AI system,Alleged developer of AI system,\
Alleged harmed or nearly harmed parties,description,title
ObjectId(625763db343edc875fe63a15),901,2026-05-01,"[12,13]","[""a-bank""]","[""a-lab""]","[""customers""]",\
"A chatbot promised a lottery refund, twice","Chatbot promised ""refunds"""
ObjectId(625763db343edc875fe63a16),902,2026-05-02,[],[],[],[],,Second
'''
REPORTS = b"""\
_id,incident_id,authors,date_downloaded,date_published,date_submitted,language,report_number,source_domain,\
submitters,text,title,url,tags
ObjectId(1),901,"[""A. Writer""]",2026-05-03,2026-05-02,2026-05-03,en,12,news.example,"[""Somebody""]",\
"The whole article,
over two lines",Refund promised,https://news.example/refund,[]
ObjectId(2),,[],2026-05-03,2026-05-02T10:00:00.000Z,2026-05-03,en,13,,[],short,Refund again,not a url,[]
"""


REPORT: dict[str, Any] = {
    "data_type": "AVID",
    "data_version": "0.3.3",
    "metadata": {"report_id": "AVID-2026-R0001"},
    "affects": {"developer": ["A lab"], "deployer": [], "artifacts": [{"type": "Model", "name": "m-1"}]},
    "problemtype": {
        "classof": "CVE Entry",
        "type": "Measurement",
        "description": {
            "lang": "eng",
            "value": "Lottery refund helper unpickles what it is sent (CVE-2026-0001)",
        },
    },
    "metrics": [
        {
            "name": "score",
            "detection_method": {"type": "Static Threshold", "name": "t"},
            "results": {"passed": 3},
        }
    ],
    "references": [
        {"type": "source", "label": "Advisory", "url": "https://example.org/a?b=1"},
        {"label": "Odd", "url": "see the wiki"},
    ],
    "description": {"lang": "eng", "value": "It trusts a refund form."},
    "impact": {
        "avid": {
            "vuln_id": "AVID-2026-V001",
            "risk_domain": ["Security"],
            "sep_view": ["S0403: Adversarial Example"],
            "lifecycle_view": ["L06: Deployment"],
            "taxonomy_version": "0.2",
        },
        "cwe": [{"cweId": "CWE-502", "description": "Deserialization", "lang": "en"}],
        "cvss": {"baseScore": 7.5},
        "atlas": None,
    },
    "credit": [],
    "reported_date": "2026-03-04",
}


def lines(*documents: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(document).encode() for document in documents)
