"""What the data file says of each participant, as a digest of 8 bytes: two deliveries can be compared by it.

A keyed digest (HMAC-SHA256) over the participant's id, the person's code and the coded columns of the participant's
rows, whatever their order. Without the key it says nothing, not even whose rows are alike.
"""

import hmac

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LENGTH = 8  # bytes: of a million participants, one in 10^13 changes unseen
NOT_TOLD = {"participant", "decision"}  # columns of a prepared set that no file has


def told_of(batch: pa.RecordBatch, key: bytes) -> list[tuple[bytes, int, bytes]]:
    """(participant, decision, digest), each participant once, of a batch of a prepared set that divides nobody."""
    values = [batch.column(name).cast(pa.string()) for name in batch.schema.names if name not in NOT_TOLD]
    lines = pc.binary_join_element_wise(*values, "\x1f", null_handling="replace", null_replacement="")
    columns = [batch.column("participant"), batch.column("decision"), lines.cast(pa.binary())]
    rows = pa.record_batch(columns, names=["participant", "decision", "line"])
    rows = rows.take(pc.sort_indices(rows, sort_keys=[("participant", "ascending"), ("line", "ascending")]))
    participants = rows.column("participant")
    new = pc.not_equal(participants[1:], participants[:-1]).to_numpy(zero_copy_only=False)
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])[: rows.num_rows]
    places = pa.array(np.append(starts, rows.num_rows), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(places, rows.column("line")), b"\x1e")
    firsts = rows.take(pa.array(starts))
    of_each = (firsts.column("participant").to_pylist(), firsts.column("decision").to_pylist(), joined.to_pylist())
    return [
        (participant, decision, hmac.digest(key, participant + text, "sha256")[:LENGTH])
        for participant, decision, text in zip(*of_each, strict=True)
    ]
