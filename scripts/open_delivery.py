#!/usr/bin/env python3
"""open_delivery: åbner en leverance fra Deltagerdata, kontrollerer den og fortæller, hvad den holder.

    python3 open_delivery.py --new-key min.key                        laver en nøgle
    python3 open_delivery.py --fingerprint min.key                    viser nøglens fingeraftryk
    python3 open_delivery.py ARKIV.zip.age --key min.key              åbner arkivet i en ny mappe
    python3 open_delivery.py ARKIV.zip.age --key min.key --only-check kontrollerer det uden at gemme noget

Kræver Python 3.9 og pakken pyrage (python3 -m pip install pyrage). Bruger ikke nettet. Engelsk: --english.

Opens an archive that was sealed with age to your key. Every file in it must be named in its manifest, with the size
and the SHA-256 that it has; otherwise nothing is kept. age shows that an archive was not altered, not who sealed it:
--sha256 compares it with what the site shows.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import zipfile
import zlib
from datetime import datetime, timezone

MANIFEST = "manifest.json"
PIECE = 1 << 20  # bytes at once
MOST_MANIFEST = 64 << 20
MOST_FILES = 1000
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
WIDTH = 22  # of the labels in what is told

english = False


def words(danish, in_english):
    return in_english if english else danish


class Refused(Exception):
    """Why, in a sentence for the person at the keyboard."""


# --- Keys -----------------------------------------------------------------------------------------------


def load_pyrage():
    try:
        import pyrage
    except ImportError:
        raise Refused(
            words(
                "Pakken pyrage mangler. Installer den med: python3 -m pip install pyrage",
                "The package pyrage is missing. Install it with: python3 -m pip install pyrage",
            )
        ) from None
    return pyrage


def read_text(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read(1 << 16)
    except (OSError, UnicodeDecodeError):
        raise Refused(words(f"Kan ikke læse {path}.", f"Can't read {path}.")) from None


def read_identities(path):
    """The private keys in a file as age-keygen writes it."""
    pyrage = load_pyrage()
    lines = [line.strip() for line in read_text(path).splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in found]
    except pyrage.IdentityError:
        keys = []
    if not keys:
        raise Refused(
            words(
                f"{path} er ikke en privat nøgle. Filen skal have en linje, der begynder med AGE-SECRET-KEY-1.",
                f"{path} is no private key. The file must have a line that begins with AGE-SECRET-KEY-1.",
            )
        )
    if os.name == "posix" and os.stat(path).st_mode & 0o077:
        print(
            words(
                f"Advarsel: andre på computeren kan læse {path}. Ret det med: chmod 600 {path}",
                f"Warning: others on this computer can read {path}. Mend it with: chmod 600 {path}",
            ),
            file=sys.stderr,
        )
    return keys


def fingerprint(public_key):
    """As the site shows it: 128 bits of the SHA-256 of the key's text, in groups of four."""
    digits = hashlib.sha256(public_key.encode()).hexdigest()[:32]
    return " ".join(digits[place : place + 4] for place in range(0, 32, 4))


def tell_key(public_key):
    print(words("Offentlig nøgle:", "Public key:"))
    print(f"  {public_key}")
    print(words("Fingeraftryk:", "Fingerprint:"))
    print(f"  {fingerprint(public_key)}")


def new_key(path):
    pyrage = load_pyrage()
    identity = pyrage.x25519.Identity.generate()
    public_key = str(identity.to_public())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            words(f"{path} findes allerede. Der er ikke ændret noget.", f"{path} exists. Nothing was changed.")
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        now = datetime.now(timezone.utc)  # noqa: UP017  Python 3.9 has no other
        file.write(f"# created: {now:%Y-%m-%dT%H:%M:%SZ}\n# public key: {public_key}\n{identity}\n")
    print(
        words(
            f"Den private nøgle ligger nu i {path}. Send den aldrig, og gem den, hvor kun du kan læse den.",
            f"The private key is in {path} now. Never send it, and keep it where only you can read it.",
        )
    )
    tell_key(public_key)


def show_fingerprint(path):
    """Of a private key, or of a file that holds a public one."""
    pyrage = load_pyrage()
    public = re.findall(r"^age1[0-9a-z]+\s*$", read_text(path), re.MULTILINE)
    if len(public) == 1:
        try:
            tell_key(str(pyrage.x25519.Recipient.from_str(public[0].strip())))
        except pyrage.RecipientError:
            raise Refused(words(f"{path} er ikke en offentlig nøgle.", f"{path} is no public key.")) from None
        return
    for identity in read_identities(path):
        tell_key(str(identity.to_public()))


# --- Opening and checking -------------------------------------------------------------------------------


def altered():
    return Refused(
        words(
            "Arkivet er ændret eller afbrudt undervejs. Der er ikke gemt noget. Hent det igen.",
            "The archive was altered or cut off on its way. Nothing was kept. Fetch it again.",
        )
    )


def not_as_listed(name, danish, in_english):
    return Refused(
        words(
            f"{name}: {danish} Der er ikke gemt noget. Kontakt den, du har fået arkivet af.",
            f"{name}: {in_english} Nothing was kept. Ask whom you have the archive from.",
        )
    )


def decrypt(archive, identities, plain):
    """Writes the plain zip of `archive` into the stream `plain`."""
    pyrage = load_pyrage()
    try:
        with open(archive, "rb") as sealed:
            pyrage.decrypt_io(sealed, plain, identities)
    except pyrage.DecryptError as error:
        if "no matching keys" in str(error).lower():
            raise Refused(
                words(
                    "Arkivet er forseglet til en anden nøgle end din. Brug den nøgle, hvis fingeraftryk er bekræftet.",
                    "The archive is sealed to another key than yours. Use the key whose fingerprint was confirmed.",
                )
            ) from None
        raise altered() from None
    except OSError as error:
        if error.errno is None:  # pyrage's own: the file ended too early
            raise altered() from None
        raise


def read_manifest(opened, size):
    """The manifest, and its files by name. Refuses an archive (of `size` bytes) whose members are not exactly those
    that it names."""
    members = opened.infolist()
    names = [member.filename for member in members]
    if len(members) > MOST_FILES:
        raise altered()
    # The site compresses nothing: what would become larger than the archive is there to fill the disk.
    plain = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if sum(member.file_size for member in members) > size or any(m.compress_type not in plain for m in members):
        raise altered()
    for name in names:
        if not SAFE_NAME.fullmatch(name):
            raise not_as_listed(clean(name), "navnet er ikke tilladt.", "the name is not allowed.")
    folded = [name.casefold() for name in names]
    for name in names:
        if folded.count(name.casefold()) > 1:
            raise not_as_listed(name, "filen er der to gange.", "the file is there twice.")
    if MANIFEST not in names or opened.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise not_as_listed(MANIFEST, "filen mangler.", "the file is missing.")
    with opened.open(MANIFEST) as file:
        content = file.read(MOST_MANIFEST + 1)
    try:
        manifest = json.loads(content)
        files = {entry["name"]: entry for entry in manifest["files"]}
        right = len(files) == len(manifest["files"]) and all(
            isinstance(entry["size"], int) and isinstance(entry["sha256"], str) and isinstance(entry["name"], str)
            for entry in files.values()
        )
        right = right and isinstance(manifest.get("reader", ""), str)
        right = right and all(isinstance(reason, dict) for reason in manifest.get("left_out") or [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        right = False
    if not right:
        raise not_as_listed(MANIFEST, "filen kan ikke læses.", "the file can't be read.")
    for name in sorted({*names} - {*files} - {MANIFEST}):
        raise not_as_listed(name, "filen står ikke i manifestet.", "the file is not in the manifest.")
    for name in sorted({*files} - {*names}):
        raise not_as_listed(clean(name), "filen mangler.", "the file is missing.")
    return manifest, files


def copy_checked(opened, entry, out):
    """One file to the stream `out` (None: nowhere), no further than the manifest says that it goes."""
    digest, left = hashlib.sha256(), entry["size"]
    with opened.open(entry["name"]) as source:
        while True:
            piece = source.read(PIECE)
            if not piece:
                break
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            if out is not None:
                out.write(piece)
    if left or digest.hexdigest() != entry["sha256"]:
        raise not_as_listed(
            entry["name"], "filen er ikke den, som manifestet beskriver.", "the file is not the one of the manifest."
        )


def unpack(plain, folder):
    """Checks every member; writes them into `folder` unless it is None. Returns the manifest."""
    size = plain.seek(0, os.SEEK_END)
    try:
        with zipfile.ZipFile(plain) as opened:
            manifest, files = read_manifest(opened, size)
            with opened.open(MANIFEST) as source:
                own = {"name": MANIFEST, "size": opened.getinfo(MANIFEST).file_size}
                own["sha256"] = hashlib.sha256(source.read()).hexdigest()  # nothing vouches for it but the seal
            for entry in [*files.values(), own]:
                if folder is None:
                    copy_checked(opened, entry, None)
                    continue
                path = os.path.join(folder, *entry["name"].split("/"))
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                with open(path, "xb") as out:
                    copy_checked(opened, entry, out)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error):
        raise altered() from None
    return manifest


def check_sealed(archive, sha256):
    digest = hashlib.sha256()
    with open(archive, "rb") as sealed:
        for piece in iter(lambda: sealed.read(PIECE), b""):
            digest.update(piece)
    if digest.hexdigest() != sha256.strip().lower():
        raise Refused(
            words(
                "Arkivet har en anden SHA-256 end den, du skrev. Det er ikke åbnet.",
                "The archive has another SHA-256 than the one you gave. It was not opened.",
            )
        )


def open_archive(archive, key, to, only_check, sha256):
    if not os.path.isfile(archive):
        raise Refused(words(f"Filen {archive} findes ikke.", f"There is no file {archive}."))
    target = os.path.abspath(to or re.sub(r"(\.zip)?\.age$", "", os.path.basename(archive)) or "leverance")
    if not only_check and (os.path.lexists(target) or target == os.path.abspath(archive)):
        raise Refused(
            words(
                f"{target} findes allerede. Vælg en anden mappe med --to.",
                f"{target} exists. Choose another folder with --to.",
            )
        )
    parent = os.path.dirname(target)
    if not os.path.isdir(parent):
        raise Refused(words(f"Mappen {parent} findes ikke.", f"There is no folder {parent}."))
    identities = read_identities(key)
    if sha256:
        check_sealed(archive, sha256)
    # What is half done lies in a folder of its own with a name of its own, which is only given away at the end.
    half_done = tempfile.mkdtemp(prefix=".open_delivery-", dir=tempfile.gettempdir() if only_check else parent)
    try:
        with tempfile.TemporaryFile(dir=half_done) as plain:
            decrypt(archive, identities, plain)
            plain.seek(0)
            if only_check:
                return unpack(plain, None), None
            folder = os.path.join(half_done, "files")
            os.mkdir(folder, 0o700)
            manifest = unpack(plain, folder)
        os.rename(folder, target)
        return manifest, target
    finally:
        shutil.rmtree(half_done, ignore_errors=True)


# --- Telling --------------------------------------------------------------------------------------------

READERS = {
    "evaluator": ("Dataarkiv til evaluering", "Data archive for evaluation"),
    "officer": ("Nøglearkiv til den koblingsansvarlige", "Key archive for the linkage officer"),
}
RULES = {
    "evaluator": (
        "Filerne er personoplysninger, også uden navne og numre.\n"
        "Brug dem kun i dette projekt. Giv dem ikke videre, og læg dem ikke på nettet.\n"
        "Forsøg ikke at finde ud af, hvem en række handler om.\n"
        "Offentliggør ikke tal om få personer, heller ikke så de kan regnes ud af andre tal.\n"
        "Slet filerne, når fristen for leverancen er nået, og personer, der kaldes tilbage.",
        "The files are personal data, even without names and numbers.\n"
        "Use them in this project only. Don't pass them on, and put them nowhere on the net.\n"
        "Don't try to find out whom a row is about.\n"
        "Publish no figures of few people, nor so that they can be worked out from others.\n"
        "Delete the files by the delivery's date, and people who are called back.",
    ),
    "officer": (
        "Filerne har CPR-numre, navne og adresser.\n"
        "Upload dem kun til Danmarks Statistik, gennem Danmarks Statistiks egen kanal.\n"
        "Send dem ikke på anden måde, og giv dem ikke til evaluator.\n"
        "Slet dem, når de er uploadet.",
        "The files hold CPR numbers, names and addresses.\n"
        "Upload them to Statistics Denmark only, through its own channel.\n"
        "Send them in no other way, and don't give them to an evaluator.\n"
        "Delete them when they are uploaded.",
    ),
}
PURPOSES = {  # of a file, by its name, with or without what it ends in, or by that alone
    "noegle.csv": ("CPR-nummer og pseudonym", "CPR number and pseudonym"),
    "identifikationsliste.csv": (
        "personer uden CPR-nummer: navn, adresse og datoer",
        "people without a CPR number: name, address and dates",
    ),
    "units.csv": ("hvem der er matchet med hvem, vægt og grund", "who is matched with whom, weight and reason"),
    "table1.csv": ("tabel 1, til programmer", "table 1, for programs"),
    "table1.html": ("tabel 1, til at læse", "table 1, to read"),
    "balance.csv": ("standardiserede forskelle", "standardised mean differences"),
    "tests.csv": ("test af hvert kendetegn", "test of each characteristic"),
    "flow.csv": ("hvem der blev ladt ude, og hvorfor", "who was left out, and why"),
    "flow": ("det samme som figur", "the same as a figure"),
    "love": ("standardiserede forskelle som figur", "standardised mean differences as a figure"),
    "distributions": ("fordelinger af tal som figur", "distributions of numbers as a figure"),
    "kriterier.txt": ("sammenligningsgruppens regel i ord", "the comparison group's rule in words"),
    "definition.json": ("sammenligningsgruppens regel, til programmer", "the comparison group's rule, for programs"),
    "datapackage": ("tabellens felter efter Frictionless", "the table's fields by Frictionless"),
    "kodebog.csv": ("kodebog, til programmer", "codebook, for programs"),
    "kodebog.html": ("kodebog, til at læse", "codebook, to read"),
    "kodebog.pdf": ("kodebog, til at læse og skrive ud", "codebook, to read and print"),
    "LAES_MIG.txt": ("vejledning: læs den først", "guidance: read it first"),
    ".csv": ("data som tekst", "data as text"),
    ".parquet": ("de samme data, til R og Python", "the same data, for R and Python"),
    ".sas": ("program, der læser CSV-filen ind i SAS", "program that reads the CSV file into SAS"),
    ".xpt": ("de samme data, til SAS", "the same data, for SAS"),
    ".dta": ("de samme data, til Stata", "the same data, for Stata"),
    ".sav": ("de samme data, til SPSS", "the same data, for SPSS"),
}


def clean(text):
    """Text from an archive without what could steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in str(text))


def counted(number):
    if isinstance(number, bool) or not isinstance(number, int):
        return clean(number)
    return f"{number:,}".replace(",", words(".", ","))


def in_language(pair):
    """Of {"da": …, "en": …}."""
    return clean(pair.get(words("da", "en"), "")) if isinstance(pair, dict) else ""


def purpose_of(name):
    stem, ending = os.path.splitext(os.path.basename(name).replace("_personer", ""))
    found = PURPOSES.get(stem + ending) or PURPOSES.get(stem) or PURPOSES.get(ending.lower())
    return words(*found) if found else ""


def day_of(text):
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", str(text))
    return f"{found[3]}.{found[2]}.{found[1]}" if found and not english else clean(text)


def tell(manifest, target):
    """What the archive holds, from its manifest: whatever it says, and nothing that it doesn't."""

    def line(label, text):
        if text:
            print(f"{label:<{WIDTH}}{text}")

    def part(name):
        value = manifest.get(name)
        return value if isinstance(value, dict) else {}

    reader, project, period = manifest.get("reader"), part("project"), part("period")
    print(words(*READERS.get(reader, ("Arkiv", "Archive"))))
    print()
    number = clean(project.get("dst_number", ""))
    line(words("Projekt", "Project"), f"{clean(project.get('name', ''))} ({number})" if project else "")
    line(words("Formål", "Purpose"), clean(project.get("purpose", "")))
    line(words("Leverance", "Delivery"), clean(manifest.get("delivery", "")))
    line(words("Opgjort", "As of"), day_of(manifest.get("frozen_on", "")))
    if "first_year" in period:
        line(words("Periode", "Period"), f"{clean(period['first_year'])}-{clean(period.get('last_year', ''))}")
    line(words("Befolkning", "Population"), in_language(manifest.get("population")))
    if "persons" in manifest:
        line(words("Personer", "Persons"), counted(manifest["persons"]))
    if "families" in manifest:
        line(words("Familier", "Families"), counted(manifest["families"]))
    line(words("Én række er", "A row is"), in_language(manifest.get("grain")))
    for reason in manifest.get("left_out") or []:
        label = clean(reason.get(words("label_da", "label_en"), reason.get("code", "")))
        line(words("Ikke med", "Left out"), f"{label}: {clean(reason.get('persons', ''))}")
    print()
    print(words("Filer", "Files"))
    entries = [*manifest["files"], {"name": MANIFEST}]
    longest = max(len(entry["name"]) for entry in entries)
    internal = manifest.get("internal")
    internal = internal if isinstance(internal, list) else []
    for entry in entries:
        about = purpose_of(entry["name"])
        if entry["name"] == MANIFEST:
            about = words("beskrivelse og kontrolsummer", "description and checksums")
        rows = words(f"{counted(entry['rows'])} rækker", f"{counted(entry['rows'])} rows") if "rows" in entry else ""
        secret = words("INTERN", "INTERNAL") if entry["name"] in internal else ""
        print(f"  {entry['name']:<{longest}}  {', '.join(filter(None, (secret, about, rows)))}".rstrip())
    if reader in RULES:
        print()
        print(words("Det må du, og det må du ikke", "What you may do and may not"))
        print("\n".join(f"  {rule}" for rule in words(*RULES[reader]).splitlines()))
    print()
    print(words("Alle filer er kontrolleret mod manifestet.", "All files were checked against the manifest."))
    if target:
        print(words(f"De ligger i {target}", f"They are in {target}"))
    else:
        print(words("Der er ikke gemt noget.", "Nothing was kept."))


# --- The command line -----------------------------------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(
        prog="open_delivery", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", nargs="?", metavar="ARKIV.zip.age")
    parser.add_argument("--key", metavar="FIL", help="din private nøgle / your private key")
    parser.add_argument("--to", metavar="MAPPE", help="ny mappe til filerne / new folder for the files")
    parser.add_argument("--only-check", action="store_true", help="gem ikke noget / keep nothing")
    parser.add_argument("--sha256", metavar="HEX", help="arkivets SHA-256, som siden viser den / as the site shows it")
    parser.add_argument("--new-key", metavar="FIL", help="lav en nøgle / make a key")
    parser.add_argument("--fingerprint", metavar="FIL", help="vis en nøgles fingeraftryk / show a key's fingerprint")
    parser.add_argument("--english", action="store_true", help="engelsk / in English")
    chosen = parser.parse_args()
    if sum(map(bool, (chosen.archive, chosen.new_key, chosen.fingerprint))) != 1:
        parser.error("ARKIV.zip.age, --new-key FIL eller --fingerprint FIL")
    if chosen.archive and not chosen.key:
        parser.error("--key FIL mangler / is missing")
    return chosen


def stopped(number, frame):
    raise KeyboardInterrupt  # what was begun is removed on the way out


def main():
    global english
    chosen = arguments()
    english = chosen.english
    os.umask(0o077)
    signal.signal(signal.SIGTERM, stopped)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        if chosen.new_key:
            new_key(chosen.new_key)
        elif chosen.fingerprint:
            show_fingerprint(chosen.fingerprint)
        else:
            tell(*open_archive(chosen.archive, chosen.key, chosen.to, chosen.only_check, chosen.sha256))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(words("Afbrudt. Der er ikke gemt noget.", "Stopped. Nothing was kept."), file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
