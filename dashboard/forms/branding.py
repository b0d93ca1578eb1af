"""The form of the page *Branding*: widgets only. `operations.branding` has the rules."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from operations.branding.changes import BrandInput
from operations.branding.colors import read_color
from operations.branding.logos import MAX_LOGO_BYTES, TYPES
from operations.branding.models import MAX_CONTACT, MAX_NAME, BrandRecord
from operations.exceptions import InvalidInputError


class BrandForm(forms.Form):
    """What is left empty is that of the settings."""

    company_name = forms.CharField(
        label=gettext_lazy("Company name"),
        help_text=gettext_lazy("Shown to candidates on their pages and in emails."),
        widget=forms.TextInput({"maxlength": MAX_NAME, "autocomplete": "organization"}),
        required=False,
    )
    contact = forms.CharField(
        label=gettext_lazy("Contact for candidates"),
        help_text=gettext_lazy("An email address that candidates can write to."),
        widget=forms.EmailInput({"maxlength": MAX_CONTACT, "autocomplete": "off"}),
        required=False,
    )
    color = forms.CharField(
        label=gettext_lazy("Color"),
        help_text=gettext_lazy(
            "For buttons and links. We adjust it where text would be hard to read. "
            "Leave blank for the default."
        ),
        widget=forms.TextInput(
            {"maxlength": 7, "autocomplete": "off", "spellcheck": "false", "placeholder": "#2a4fc4"}
        ),
        required=False,
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy("PNG, JPEG or WebP, up to 200 KB. Shown in place of the name."),
        widget=forms.FileInput({"accept": ",".join(TYPES), "data-max-bytes": MAX_LOGO_BYTES}),
        required=False,
        allow_empty_file=True,
    )
    removes_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)

    def __init__(
        self, record: BrandRecord, defaults: dict[str, str], data: Any = None, files: Any = None
    ) -> None:
        initial = {name: getattr(record, name) for name in ("company_name", "contact", "color")}
        super().__init__(data, files, initial=initial, label_suffix="")
        if not record.logo_name:
            del self.fields["removes_logo"]
        for name, default in defaults.items():
            if default:
                self.fields[name].widget.attrs["placeholder"] = default

    def wanted(self) -> BrandInput:
        """What was entered; of a logo that is too large only as much as shows that."""
        values = self.cleaned_data
        sent: UploadedFile[Any] | None = values.get("logo")
        return BrandInput(
            company_name=values.get("company_name", ""),
            contact=values.get("contact", ""),
            color=values.get("color", ""),
            logo=None if sent is None else sent.read(MAX_LOGO_BYTES + 1),
            removes_logo=values.get("removes_logo", False),
        )

    def readable_color(self) -> str:
        """The color for the preview, or "" while it is not one."""
        try:
            return read_color(self.data.get("color", ""))
        except InvalidInputError:
            return ""
