"""The template pack templates/fds: each control has a label, its hint and error are tied to it, errors link to it."""

from html.parser import HTMLParser

import pytest
from crispy_forms.bootstrap import AppendedText, FormActions, StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import ButtonHolder, Column, Div, Field, Fieldset, Layout, Row, Submit
from crispy_forms.utils import render_crispy_form
from django import forms

CHOICES = [("paper", "På papir"), ("oral", "Mundtligt")]
HINT = "Et hjælpeord"


class Everything(forms.Form):
    text = forms.CharField(label="Tekst", help_text=HINT)
    count = forms.IntegerField(label="Antal", help_text=HINT, min_value=0)
    day = forms.DateField(label="Dag", help_text=HINT)
    mail = forms.EmailField(label="Mail", help_text=HINT)
    word = forms.CharField(label="Adgangskode", help_text=HINT, widget=forms.PasswordInput)
    note = forms.CharField(label="Bemærkning", help_text=HINT, widget=forms.Textarea)
    one = forms.ChoiceField(label="Valg", help_text=HINT, choices=CHOICES)
    many = forms.MultipleChoiceField(label="Flere valg", help_text=HINT, choices=CHOICES)
    radio = forms.ChoiceField(label="Hvordan?", help_text=HINT, choices=CHOICES, widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(
        label="Sprog", help_text=HINT, choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )
    tick = forms.BooleanField(label="Bekræftet", help_text=HINT)
    file = forms.FileField(label="Fil", help_text=HINT)
    moment = forms.SplitDateTimeField(label="Tidspunkt", help_text=HINT)
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


class Page(HTMLParser):
    """Tags with their attributes, the text of each element with an id, and what labels and links point at."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(html)
        self.ids = [attrs["id"] for _, attrs in self.tags if attrs.get("id")]
        self.labelled = {attrs["for"] for tag, attrs in self.tags if tag == "label"}

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def controls(self) -> list[dict]:
        return [
            attrs
            for tag, attrs in self.tags
            if tag in ("input", "select", "textarea") and attrs.get("type") not in ("hidden", "submit")
        ]

    def links(self) -> list[str]:
        return [attrs["href"] for tag, attrs in self.tags if tag == "a"]


def drawn(form: forms.BaseForm, helper: FormHelper | None = None) -> str:
    return render_crispy_form(form, helper)


@pytest.fixture(params=[None, {}], ids=["new", "with errors"])
def page(request) -> Page:
    form = Everything() if request.param is None else Everything(request.param)
    return Page(drawn(form))


def test_every_control_has_a_label(page):
    for control in page.controls():
        assert control["id"] in page.labelled or control["aria-labelledby"] in page.ids, control


def test_ids_are_unique_and_every_reference_leads_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    for _, attrs in page.tags:
        for reference in f"{attrs.get('aria-describedby') or ''} {attrs.get('aria-labelledby') or ''}".split():
            assert reference in page.ids


def test_hint_and_error_of_each_field_are_read_out_with_it():
    page = Page(drawn(Everything({})))
    described = " ".join(attrs.get("aria-describedby") or "" for _, attrs in page.tags).split()
    for name in Everything.base_fields:
        if name != "hidden":
            assert f"id_{name}_helptext" in described
            assert f"id_{name}_error" in described


def test_each_error_in_the_summary_links_to_an_input_that_exists():
    page = Page(drawn(Everything({})))
    targets = [link.removeprefix("#") for link in page.links()]
    inputs = {control["id"] for control in page.controls()}
    assert len(targets) == len(Everything.base_fields) - 1  # all but the hidden one
    assert set(targets) <= inputs


def test_a_form_without_errors_has_no_summary():
    assert "error-summary" not in drawn(Everything())


def test_errors_of_the_whole_form_stand_in_the_summary():
    class Form(forms.Form):
        def clean(self):
            raise forms.ValidationError("Aktiviteten er afsluttet.")

    assert "Aktiviteten er afsluttet." in drawn(Form({}))


def test_what_people_typed_is_escaped_in_errors_hints_and_labels():
    class Form(forms.Form):
        name = forms.CharField(label="<b>a</b>", help_text="<b>b</b>")

        def clean_name(self):
            raise forms.ValidationError("<b>c</b>")

    assert "<b>" not in drawn(Form({"name": "<b>d</b>"}))


def test_check_boxes_in_a_group_are_not_drawn_as_radio_buttons():
    by_class = {control.get("class"): control["type"] for control in Page(drawn(Everything())).controls()[8:12]}
    assert by_class == {"form-radio": "radio", "form-checkbox": "checkbox"}


def test_choices_may_carry_a_hint_of_their_own():
    form = Everything()
    form.fields["radio"].widget.option_hints = {"oral": "Med et vidne"}
    page = Page(drawn(form))
    (oral,) = [control for control in page.controls() if control["id"] == "id_radio_1"]
    assert oral["aria-describedby"] == "id_radio_1_helptext"
    assert "id_radio_1_helptext" in page.ids


def test_only_optional_fields_are_marked():
    class Form(forms.Form):
        needed = forms.CharField()
        free = forms.CharField(required=False)
        sometimes = forms.CharField(required=False)
        tick = forms.BooleanField(required=False)

    assert drawn(Form()).count("(frivilligt)") == 2
    helper = FormHelper()
    helper.conditional = ["sometimes"]
    assert drawn(Form(), helper).count("(frivilligt)") == 1


def test_numbers_are_typed_as_text_on_a_number_pad():
    (count,) = [control for control in Page(drawn(Everything())).controls() if control["name"] == "count"]
    assert (count["type"], count["inputmode"]) == ("text", "numeric")
    assert "min" not in count


def test_a_field_that_asks_the_server_has_a_live_region_for_the_answer():
    helper = FormHelper()
    helper.layout = Layout(Field("text", hx_post="/kontrol", hx_trigger="change"))
    page = Page(drawn(Everything(), helper))
    (text,) = [control for control in page.controls() if control["name"] == "text"]
    assert text["hx-target"] == "#feedback_id_text"
    assert "feedback_id_text" in page.ids


def test_the_layouts_of_crispy_forms_are_drawn():
    helper = FormHelper()
    helper.layout = Layout(
        Fieldset("Hvem", Row(Column("text"), "count"), css_id="who"),
        Div("day", css_class="form-section-part", data_shown_when="radio=oral"),
        AppendedText("mail", "af 10"),
        ButtonHolder(Submit("save", "Gem"), Submit("more", "Gem, og ny", css_class="button-secondary")),
        FormActions(StrictButton("Ryd", css_class="button button-secondary")),
    )
    html = drawn(Everything(), helper)
    for part in (
        '<fieldset id="who"',
        ">Hvem</legend>",
        'class="form-row"',
        'data-shown-when="radio=oral"',
        ">af 10</div>",
        'class="button button-primary ',
        "button-secondary",
        ">Ryd</button>",
    ):
        assert part in html


def test_inputs_added_to_the_helper_become_buttons():
    helper = FormHelper()
    helper.add_input(Submit("save", "Gem"))
    assert "button-primary" in drawn(Everything(), helper)


def test_a_formset_names_its_forms_and_gathers_all_errors_on_top():
    Rows = forms.formset_factory(Everything, extra=0)
    formset = Rows({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"})
    for form in formset.forms:
        form.empty_permitted = False
    helper = FormHelper()
    helper.form_legend = "Afdeling"
    html = drawn(formset, helper)
    page = Page(html)
    assert "Afdeling 1" in html
    assert "Afdeling 2" in html
    assert html.count('data-module="error-summary"') == 1
    assert {link.removeprefix("#") for link in page.links()} <= set(page.ids)
    assert "form-TOTAL_FORMS" in html


def test_files_are_sent_as_multipart_and_the_browser_keeps_its_own_bubbles_to_itself():
    html = drawn(Everything())
    assert 'enctype="multipart/form-data"' in html
    assert "novalidate" in html
