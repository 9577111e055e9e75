"""Risks to the people in the register, and what the code does about each; `where`: modules, which a test looks up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Risk:
    threat: str
    measure: str
    where: tuple[str, ...]
    left: str


RISKS = (
    Risk(
        "Databasen eller en kopi af den bliver stjålet",
        "Identiteter er krypteret felt for felt, og søgenøgler er beregnet med nøgle. Nøglerne ligger et andet sted",
        ("crypto.fields", "crypto.kek", "operations.backups"),
        "Forløb, dage og roller kan læses; med lokalt kendskab kan en familie måske genkendes",
    ),
    Risk(
        "En medarbejder slår folk op uden grund",
        "Kun egne planer; et helt nummer vises med en grund og en ny bekræftelse; alt står i loggen",
        ("accounts.step_up", "collection.identities", "consent.logs"),
        "Navne på egne deltagere ses i det daglige arbejde",
    ),
    Risk(
        "En plan opdager, at en beboer deltager et andet sted",
        "En række for hver plan; søgning gælder egne planer; sider og beskeder fortæller intet om andre",
        ("collection.policies", "consent.actions.find", "rights.policies"),
        "Den dataansvarlige kan se det, når en anmodning besvares",
    ),
    Risk(
        "Identitet uden gyldigt samtykke",
        "Identitet og samtykke skrives i samme transaktion; al brug går gennem én port, som spørger igen ved dannelsen",
        ("consent.actions.enrol", "consent.gate"),
        "Papir og regneark uden for systemet",
    ),
    Risk(
        "Data bruges, efter at samtykket er trukket tilbage",
        "Virker straks i alle planer; modtagere får og kvitterer for tilbagekaldte koder; udløb slettes af sig selv",
        ("consent.actions.withdraw", "exports.recalls", "consent.actions.lapse"),
        "Det, der er brugt lovligt før, kan ikke gøres ugjort",
    ),
    Risk(
        "Nogen genkendes i en datafil",
        "Grove variabler, godkendte variabler, mindste gruppe (k), mindste antal i celler, rækkefølge efter pseudonym",
        ("exports.linkage.schema", "exports.linkage.kanonymity", "exports.linkage.lint"),
        "Kobling med registre sker hos Danmarks Statistik under dens regler",
    ),
    Risk(
        "Nøglefil og datafil samles hos den samme",
        "To arkiver til hver sin modtager, forseglet til hver sin nøgle; ingen rolle henter begge; en anden godkender",
        ("exports.approvals", "exports.recipients", "accounts.permissions"),
        "Aftaler mellem personer kan intet system forhindre",
    ),
    Risk(
        "To udtræk trækkes fra hinanden",
        "En ny leverance sammenlignes med de forrige; endnu en gruppe kræver, at der er taget skriftlig stilling",
        ("exports.difference", "exports.groups"),
        "Tal, der er offentliggjort andre steder, kendes ikke",
    ),
    Risk(
        "Oplysninger gemmes for længe",
        "En dag for hver plan og hvert projekt, varsel før, sletning af sig selv og en attest",
        ("rights.retention", "rights.erasing", "exports.expiry"),
        "Sikkerhedskopier rummer det slettede, til de selv slettes; ved gendannelse slettes det igen",
    ),
    Risk(
        "Loggen ændres for at skjule noget",
        "Hver linje er kædet til den før med nøgle, og kædens ende vidnes uden for databasen",
        ("audit.chain", "audit.anchors", "audit.verify"),
        "Det, der sker mellem to vidner, ses først ved det næste",
    ),
    Risk(
        "Den registrerede får ikke sine rettigheder",
        "Anmodninger har frist og advarsel; rapporten om alt, der er gemt, dannes ét sted; begrænsning virker straks",
        ("rights.actions.requests", "rights.report", "consent.actions.restrict"),
        "Breve og samtaler uden for systemet",
    ),
    Risk(
        "En konto overtages",
        "To faktorer, låsning efter forgæves forsøg, korte sessioner, adgang ophører straks ved fratrædelse",
        ("accounts.adapters", "accounts.signing_in", "exports.actions.leaving"),
        "En ulåst skærm, til sessionen udløber",
    ),
)
