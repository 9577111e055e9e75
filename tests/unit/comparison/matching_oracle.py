"""Greedy matching from its description: everybody looks at everybody, in whole numbers, where nothing is rounded."""

from fractions import Fraction


def choosing(scores, participants, order):
    rows = [row for row, inside in enumerate(participants) if inside]
    sign = {"largest": -1, "smallest": 1, "data": 0}[order]
    return sorted(rows, key=lambda row: (sign * scores[row], row))


def greedy(scores, strata, participants, order, *, caliper=None, ratio=1, replacement=False):
    """Pairs of rows in the order of taking. Units stand by score, then row; of equally near ones the one with fewer
    units between is taken (counted from the outermost that was taken before), then the one below."""
    line = sorted(range(len(scores)), key=lambda row: (scores[row], row))
    place = {row: number for number, row in enumerate(line)}
    free = {row for row, inside in enumerate(participants) if not inside}
    own = {row: [] for row in order}
    pairs, waiting = [], list(order)
    for _ in range(ratio):
        served = []
        for row in waiting:
            stands = [place[row]] + ([] if replacement else [place[other] for other in own[row]])

            def effort(other, row=row, stands=stands):
                below = place[other] < place[row]
                between = min(stands) - place[other] if below else place[other] - max(stands)
                return abs(scores[other] - scores[row]), between, not below

            near = [
                other
                for other in free
                if strata[other] == strata[row]
                and other not in own[row]
                and (caliper is None or abs(scores[other] - scores[row]) <= caliper)
            ]
            if not near:
                continue
            taken = min(near, key=effort)
            own[row].append(taken)
            pairs.append((row, taken))
            served.append(row)
            if not replacement:
                free.remove(taken)
        waiting = served
    return pairs


def weights(count, pairs):
    """1 for participants; for the others their shares, scaled to their number."""
    own = {}
    for row, other in pairs:
        own.setdefault(row, []).append(other)
    shares = {}
    for others in own.values():
        for other in others:
            shares[other] = shares.get(other, 0) + Fraction(1, len(others))
    scale = Fraction(len(shares)) / sum(shares.values()) if shares else 0
    found = {row: Fraction(1) for row in own} | {other: share * scale for other, share in shares.items()}
    return [found.get(row, Fraction(0)) for row in range(count)]


def reason(row, scores, strata, participants, matched, caliper):
    gaps = [
        abs(scores[row] - scores[other])
        for other in range(len(scores))
        if participants[other] != participants[row] and strata[other] == strata[row]
    ]
    if row in matched:
        return ""
    if not gaps:
        return "no_equal"
    if caliper is not None and min(gaps) > caliper:
        return "caliper"
    return "no_free_comparison" if participants[row] else "not_needed"
