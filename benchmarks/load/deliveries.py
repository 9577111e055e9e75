"""`python -m benchmarks.load.deliveries`: how far each delivery that is under way has come; then it is cancelled."""

import json
from datetime import UTC, datetime


def main() -> None:
    import django

    django.setup()
    from exports.actions import deliveries as actions
    from exports.models import Delivery, State
    from exports.policies import can_cancel

    told = []
    for delivery in Delivery.objects.filter(state__in=[State.REQUESTED, State.PREPARED]).select_related("requested_by"):
        job = delivery.jobs.order_by("-queued_at")[0]
        told.append(
            {
                "state": delivery.state,
                "job": job.state,
                "step": job.step,
                "seconds": ((job.finished_at or datetime.now(UTC)) - (job.started_at or job.queued_at)).total_seconds(),
            }
        )
        if can_cancel(delivery.requested_by, delivery):
            actions.cancel(by=delivery.requested_by, delivery=delivery)
    print(json.dumps({"deliveries": told}))


if __name__ == "__main__":
    main()
