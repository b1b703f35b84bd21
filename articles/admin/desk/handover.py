"""All pages of a person or a role handed over at once: first which they are, then the reason and the button."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from articles import owners
from articles.admin.desk.forms import NewOwnerForm
from articles.admin.typed_text import TypedText
from articles.owners import NewOwner
from articles.people import Person
from articles.permissions import PLAN
from articles.policies import RehearsalOutdated, digest

SHOWN = 50  # pages in the table
OUTDATED = (
    "Pages have changed hands since you opened this page. Look at what would be handed over now, then decide again."
)


class HandoverForm(NewOwnerForm):
    """`owning` is who has pages."""

    source = forms.ChoiceField(
        label="From",
        help_text="Everybody who has pages, and how many. Those who have left come first.",
        error_messages={
            "required": "Choose whose pages are handed over.",
            "invalid_choice": "They have no pages, or none any more. Choose somebody of the list.",
        },
    )
    field_order = ["source", "owner", "role", "nobody"]

    def __init__(self, data, *, owning: list[User | Group]):
        super().__init__(data)
        self._owning = {_value(each): each for each in owning}
        pages = {
            value: f"{each.number:,} page{'' if each.number == 1 else 's'}" for value, each in self._owning.items()
        }
        choices = [(value, f"{_name(each)}: {pages[value]}") for value, each in self._owning.items()]
        self.fields["source"].choices = [("", "Choose"), *choices]
        self.fields["owner"].label, self.fields["role"].label = "To the person", "To the role"

    def clean_source(self):
        return self._owning[self.cleaned_data["source"]]


class ReasonForm(forms.Form):
    reason = TypedText(
        max_length=300,
        label="Reason",
        help_text="It stands in the history of each page, such as “Ben Lane has left the hospital”.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": "Say why. The reason stands in the history of each page."},
    )


def hand_over(request):
    """Who is chosen in the address, so that looking at what would change changes nothing."""
    if not request.user.has_perm(PLAN):
        raise PermissionDenied
    posted = request.POST if request.method == "POST" else None
    asked = request.GET if "source" in request.GET else None
    choice = HandoverForm(posted if posted is not None else asked, owning=owners.owning())
    why, found, status = ReasonForm(posted), None, 200
    if choice.is_valid():
        chosen = {
            "source": choice.cleaned_data["source"],
            "owner": choice.cleaned_data["owner"],
            "group": choice.cleaned_data["role"],
        }
        found = owners.handing_over(**chosen)
        if not found:
            choice.add_error(None, "All of these pages are theirs already. Choose somebody else.")
        elif why.is_bound:
            seen = request.POST.get("digest", "")
            try:
                if seen != digest(found):
                    raise RehearsalOutdated
                if why.is_valid():
                    number = owners.hand_over(
                        **chosen, at=timezone.now(), by=Person.of(request.user), rehearsed=seen, **why.cleaned_data
                    )
                    said = f"{number:,} page{' is' if number == 1 else 's are'} handed over."
                    messages.success(request, said)
                    return HttpResponseRedirect(reverse("admin:review_desk"))
            except RehearsalOutdated:
                found, status = owners.handing_over(**chosen), 409
                (why if found else choice).add_error(None, OUTDATED)
            except ValidationError as refusal:
                found, status = None, 409
                choice.add_error(None, refusal)
    context = {
        **admin.site.each_context(request),
        "title": "Hand pages over",
        "choice": choice,
        "form": why if found else choice,
        "why": why,
        **(_shown(found, choice.cleaned_data["source"]) if found else {}),
    }
    return TemplateResponse(request, "admin/review_desk/handover.html", context, status=status)


def _value(source: User | Group) -> str:
    return f"person-{source.pk}" if isinstance(source, User) else f"role-{source.pk}"


def _name(source: User | Group) -> str:
    if isinstance(source, Group):
        return f"Role “{source.name}”"
    return owners.name_of_person(source)


def _shown(found: list[NewOwner], source: User | Group) -> dict:
    shown = found[:SHOWN]
    pairs = [pair for change in shown for pair in (change.before, change.after)]
    people = User.objects.in_bulk({owner for owner, _ in pairs if owner})
    roles = Group.objects.in_bulk({role for _, role in pairs if role})

    def said(pair):
        owner, role = pair
        return ", ".join(_name(each) for each in (people.get(owner), roles.get(role)) if each) or "Nobody"

    return {
        "source": _name(source),
        "number": len(found),
        "number_shown": f"{len(found):,}",
        "rows": [(change.article, change.title, said(change.before), said(change.after)) for change in shown],
        "more": f"{len(found) - SHOWN:,}" if len(found) > SHOWN else "",
        "digest": digest(found),
    }
