"""Consent texts: purpose -> document (for an audience) -> version -> text in a language."""

import hashlib

from django.db import models
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

LANGUAGES = {
    "da": "Dansk",
    "en": "English",
    "ar": "العربية",
    "tr": "Türkçe",
    "so": "Soomaali",
    "ur": "اردو",
    "fa": "فارسی",
    "uk": "Українська",
    "ti": "ትግርኛ",
}
DANISH = "da"  # the text that prevails
PURPOSES = {"evaluation": ("Statistik og evaluering", "Statistics and evaluation")}


class Purpose(models.Model):
    """What the data may be used for; consent is given for one purpose."""

    code = models.SlugField(primary_key=True, max_length=30)
    name_da = models.CharField(max_length=150)
    name_en = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.name_en if (get_language() or "da").startswith("en") else self.name_da


class Audience(models.TextChoices):
    """Who decides, by the participant's age: 18 and over, 15-17, under 15 (a guardian)."""

    ADULT = "adult", _("Voksen")
    YOUTH = "youth", _("15-17 år")
    GUARDIAN = "guardian", _("Forælder eller værge til barn under 15 år")

    @classmethod
    def for_age(cls, years: int) -> "Audience":
        return cls.GUARDIAN if years < 15 else cls.YOUTH if years < 18 else cls.ADULT


class VersionState(models.TextChoices):
    """What a version is good for today."""

    DRAFT = "draft", _("Kladde")
    PUBLISHED = "published", _("I brug")
    NOT_OFFERED = "not_offered", _("Ude af brug, samtykker gælder")
    ASKS_AGAIN = "asks_again", _("Der spørges igen")
    ENDED = "ended", _("Ophørt")


class Document(models.Model):
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="documents")
    audience = models.CharField(max_length=10, choices=Audience.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "audience"], name="one_document_per_audience")]


class Version(models.Model):
    """A numbered wording of a document. Once published it never changes."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    is_example = models.BooleanField(default=False)  # shipped with the project, to be replaced by the controller
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # no longer offered; what it consented to stays valid
    # From this day on, consents to it bar export: people are asked again until then. Set once, and known since when.
    consents_lapse_on = models.DateField(null=True)
    lapse_known_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_number_per_document"),
            models.CheckConstraint(
                name="lapse_of_a_version_is_known_since_a_time",
                condition=models.Q(consents_lapse_on__isnull=True, lapse_known_at__isnull=True)
                | models.Q(consents_lapse_on__isnull=False, lapse_known_at__isnull=False, published_at__isnull=False),
            ),
        ]

    @property
    def state(self) -> "VersionState":
        if self.published_at is None:
            return VersionState.DRAFT
        if self.consents_lapse_on is not None:
            return VersionState.ENDED if self.consents_lapse_on <= localdate() else VersionState.ASKS_AGAIN
        return VersionState.PUBLISHED if self.ended_at is None else VersionState.NOT_OFFERED


class Text(models.Model):
    """A version in one language: title and body (Markdown), with the SHA-256 of both."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(max_length=5, choices=list(LANGUAGES.items()))
    title = models.CharField(max_length=200)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "language"], name="one_text_per_language")]

    @staticmethod
    def hash_of(title: str, body: str) -> str:
        return hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()
