"""A comparison as findings: the sentences are the catalogue's, the numbers are measured."""

from tocsin.assure.examining import finding
from tocsin.assure.lineage.comparison import Comparison, Signature
from tocsin.kernel.artefacts import Finding


def findings_of(comparison: Comparison) -> tuple[Finding, ...]:
    """What the comparison says, the change first; then a signature or its absence; then what was not read."""
    path = comparison.derived
    told = [finding(f"compare.{comparison.change}", path, share=percent(comparison.related))]
    if comparison.signature is not None:
        told.append(_signature(comparison.signature, path))
    elif comparison.related > 0:
        told.append(finding("compare.no-signature", path))
    if comparison.unread:
        told.append(finding("compare.unread", path, field=comparison.unread[0], count=len(comparison.unread)))
    return tuple(told)


def _signature(found: Signature, path: str) -> Finding:
    return finding(
        f"compare.{found.spread}",
        path,
        tensors=found.tensors,
        candidates=found.candidates,
        layers=found.layers,
        directions=found.directions,
        removed=percent(found.removed),
        cosine=f"{found.cosine:.2f}",
    )


def percent(share: float) -> str:
    """A share for people: all, none and nearly are told apart."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{share * 100:.1f} %"
