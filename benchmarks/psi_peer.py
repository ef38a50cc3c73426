"""What openmined-psi does of the same work, run in an environment of its own: `python psi_peer.py SIZE which|how-many`.

Semi-honest elliptic-curve Diffie-Hellman on P-256 in C++, raw tags. It imports nothing of this project.
"""

import json
import resource
import sys

import private_set_intersection.python as psi


def main() -> None:
    size, which = int(sys.argv[1]), sys.argv[2] == "which"
    ours = [f"refund-{number}" for number in range(size)]
    theirs = [f"refund-{number}" for number in range(size // 2, size // 2 + size)]
    used = resource.getrusage(resource.RUSAGE_SELF)
    started = used.ru_utime + used.ru_stime
    client, server = psi.client.CreateWithNewKey(which), psi.server.CreateWithNewKey(which)
    setup = server.CreateSetupMessage(1e-9, size, theirs, psi.DataStructure.RAW).SerializeToString()
    request = client.CreateRequest(ours).SerializeToString()
    heard = psi.Request()
    heard.ParseFromString(request)
    response = server.ProcessRequest(heard).SerializeToString()
    told, kept = psi.Response(), psi.ServerSetup()
    told.ParseFromString(response)
    kept.ParseFromString(setup)
    found = len(client.GetIntersection(kept, told)) if which else client.GetIntersectionSize(kept, told)
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime - started
    print(json.dumps({"cpu": spent, "bytes": len(setup) + len(request) + len(response), "found": found}))


if __name__ == "__main__":
    main()
