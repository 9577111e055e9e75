"""What is different since the last delivery: how many registrations came, went or changed.

Who holds the files of two deliveries can subtract them. Where few persons came, went or changed, that may point at
one of them: at somebody who withdrew, or who had said no and has now said yes.

Counted are registrations, the unit of the ledger: one person in one plan. (In a comparison delivery: of
those that its families and persons rest on.) Whether they are few is judged by persons, where their codes can be looked
up. Compared is with the last delivery only, not with each earlier one.

    report["difference"] = {
        "delivery": "…", "number": 3,  # the last one; both None when there is none
        "k": 5,                        # the project's
        "counts": [["added", "12"], ["ended", "<5"], …],  # masked below k; see KINDS
        "few": ["gone"],               # of added, gone and changed: those behind which stand 1 to k - 1 persons
    }

The counts are masked for everybody, the approver too: what matters to the decision is `few`. True counts are kept
nowhere; the ledger can be asked again.
"""

from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from crypto.errors import KeyUnavailable
from exports import ledger
from exports.linkage.codebook import masked_counts
from exports.models import Delivery, DeliveryPerson, Fetch, Reader, State
from exports.pseudonymise import ProjectCodes

# ended: the consent; left: no longer in the selection; kept instead of changed and unchanged where the files can't
# be compared: other variables, or a comparison delivery, whose codes are its own
KINDS = ("added", "ended", "left", "changed", "unchanged", "kept")
LOOKED_UP = 5000  # registrations: more are of more than k persons, since nobody is registered in a thousand plans


def last_before(delivery: Delivery) -> Delivery | None:
    """The last delivery of the project and kind, as prepared, whose files somebody has or is to get."""
    others = delivery.project.deliveries.filter(kind=delivery.kind).exclude(pk=delivery.pk)
    given_out = Exists(Fetch.objects.filter(delivery=OuterRef("pk")))
    to_come = Q(state__in=[State.APPROVED, State.BUILT, State.FETCHED])
    return others.filter(to_come | given_out).order_by("-prepared_at").first()


def since_last(delivery: Delivery, variables: list[str]) -> dict[str, Any]:
    """What report["difference"] holds of a delivery whose prepared set has these `variables`."""
    last, k = last_before(delivery), delivery.project.k
    if last is None:
        return {"delivery": None, "number": None, "k": k, "counts": [], "few": []}
    now, before = DeliveryPerson.objects.filter(delivery=delivery), _given(last)
    was = before.filter(participant=OuterRef("participant"))
    kept, ended = now.filter(Exists(was)).count(), 0
    added, gone = now.count() - kept, before.count() - kept
    groups = {
        "added": (added, now.exclude(Exists(was))),
        "gone": (gone, before.exclude(Exists(now.filter(participant=OuterRef("participant"))))),
    }
    if gone:
        ended = ledger.without_consent(groups["gone"][1], delivery, on=localdate()).count()
    counts = {"added": added, "ended": ended, "left": gone - ended}
    if variables == last.report.get("variables") and _has_digests(now) and _has_digests(before):
        differing = now.filter(Exists(was.exclude(rows_digest=OuterRef("rows_digest"))))
        changed = differing.count()
        groups["changed"] = (changed, differing)
        counts |= {"changed": changed, "unchanged": kept - changed}
    else:
        counts["kept"] = kept
    return {
        "delivery": str(last.pk),
        "number": last.number,
        "k": k,
        "counts": [list(each) for each in masked_counts(counts, k).items()],
        "few": [name for name, (count, rows) in groups.items() if _few(delivery, count, rows, k)],
    }


def _given(last: Delivery) -> QuerySet[DeliveryPerson]:
    """The rows that evaluators have, or will have, in its data file: also of who was taken out after a fetch."""
    first = Fetch.objects.filter(delivery=last, reader=Reader.EVALUATOR).aggregate(at=Min("at"))["at"]
    inside = Q(taken_out_at__isnull=True) | (Q(taken_out_at__gt=first) if first else Q())
    return DeliveryPerson.objects.filter(inside, delivery=last)


def _has_digests(rows: QuerySet[DeliveryPerson]) -> bool:
    """A delivery's rows are written alike, so one tells."""
    return any(digest is not None for digest in rows.values_list("rows_digest", flat=True)[:1])


def _few(delivery: Delivery, count: int, rows: QuerySet[DeliveryPerson], k: int) -> bool:
    """Whether 1 to k - 1 persons stand behind these `count` registrations."""
    if not k <= count <= LOOKED_UP or delivery.kind != Delivery.Kind.LINKAGE:
        return 0 < count < k
    try:
        codes = ProjectCodes(delivery.project).known(rows.values_list("participant", flat=True))
    except KeyUnavailable:
        return False
    return len(set(codes.values())) < k
