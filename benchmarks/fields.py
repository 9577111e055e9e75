"""Field encryption against the raw AES-GCM loop, plain fields, and a peer."""

import os
import random
import uuid

from benchmarks.measure import Result, compare


def _numbers(count: int) -> list[str]:
    rng = random.Random(1)
    return [f"{n:010d}" for n in rng.sample(range(10**10), count)]


def run(rows: int = 20_000, stored: int = 100_000) -> list[Result]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from django.db import connection

    from benchmarks.peers.models import FernetPerson, PlainPerson, SealedPerson
    from crypto import box, keys
    from crypto.blind import lookup_values
    from crypto.opening import open_many
    from crypto.secret import Secret

    with connection.schema_editor() as editor:
        for model in (SealedPerson, PlainPerson, FernetPerson):
            if model._meta.db_table not in connection.introspection.table_names():
                editor.create_model(model)
    keys.make_missing_keys()

    numbers = _numbers(stored)
    few = numbers[:rows]
    ids = [uuid.uuid4() for _ in few]
    aead = AESGCM(os.urandom(32))
    aad = os.urandom(5) + b"\x0fparticipant.cpr"

    def raw_encrypt():
        return [
            aead.encrypt(nonce := os.urandom(12), number.encode(), aad + row.bytes) + nonce
            for row, number in zip(ids, few, strict=True)
        ]

    def our_encrypt():
        return [box.seal("bench.cpr", row, number) for row, number in zip(ids, few, strict=True)]

    raw = [
        (row.bytes, row.bytes[:5] + record[-12:] + record[:-12]) for row, record in zip(ids, raw_encrypt(), strict=True)
    ]
    records = [(row.bytes, record) for row, record in zip(ids, our_encrypt(), strict=True)]

    def raw_decrypt():
        # the least that any reader of stored records does: take nonce and ciphertext apart, authenticate the row
        return [aead.decrypt(record[5:17], record[17:], aad + row).decode() for row, record in raw]

    def our_decrypt():
        return list(open_many("bench.cpr", records))

    fernet = FernetPerson._meta.get_field("cpr")
    fernet_records = [fernet.get_db_prep_save(number, connection) for number in few[:2000]]

    def fernet_decrypt():
        return [fernet.from_db_value(record, None, connection) for record in fernet_records]

    def our_decrypt_2000():
        return list(open_many("bench.cpr", records[:2000]))

    results = [
        compare("encrypt one by one", "raw AES-GCM loop", our_encrypt, raw_encrypt),
        compare("decrypt a batch", "raw AES-GCM loop", our_decrypt, raw_decrypt, limit=1.25, rounds=15),
        compare("decrypt 2,000", "django-fernet-encrypted-fields", our_decrypt_2000, fernet_decrypt),
    ]

    def fill(model, make):
        def fill_once():
            model.objects.all().delete()
            model.objects.bulk_create([make(number) for number in few[:5000]], batch_size=500)

        return fill_once

    def sealed(number):
        return SealedPerson(cpr=Secret(number), name=Secret("Prøve Prøvesen"))

    def plain(number):
        return PlainPerson(cpr=number, name="Prøve Prøvesen")

    def peer(number):
        return FernetPerson(cpr=number, name="Prøve Prøvesen")

    vendor = connection.vendor
    results += [
        compare(
            f"bulk_create 5,000 with index ({vendor})",
            "plain fields",
            fill(SealedPerson, sealed),
            fill(PlainPerson, plain),
            limit=2,
        ),
        compare(
            f"bulk_create 5,000 ({vendor})",
            "django-fernet-encrypted-fields",
            fill(SealedPerson, sealed),
            fill(FernetPerson, peer),
            rounds=2,
        ),
    ]
    for model, make in ((SealedPerson, sealed), (PlainPerson, plain)):
        model.objects.all().delete()
        model.objects.bulk_create([make(number) for number in numbers], batch_size=500)

    def iterate(model):
        def iterate_once():
            for _ in model.objects.all()[:20_000].iterator(2000):
                pass

        return iterate_once

    wanted = random.Random(2).sample(numbers, 300)

    def look_up_sealed():
        for number in wanted:
            assert SealedPerson.objects.filter(cpr_index__in=lookup_values("bench.cpr", number)).first()

    def look_up_plain():
        for number in wanted:
            assert PlainPerson.objects.filter(cpr=number).first()

    return [
        *results,
        compare(
            f"iterate 20,000 models ({vendor})", "plain fields", iterate(SealedPerson), iterate(PlainPerson), limit=1.3
        ),
        compare(
            f"look up by number among {stored:,} ({vendor})", "plain field", look_up_sealed, look_up_plain, limit=1.2
        ),
    ]


if __name__ == "__main__":
    import json

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps({"rows": [result.row() for result in run()]}))
