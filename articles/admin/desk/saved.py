"""Lists of the desk that somebody keeps under a name: the query of its address, for this account alone."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from articles.admin.desk.filters import Asked, choices
from articles.admin.robust import is_id
from articles.admin.typed_text import TypedText
from articles.models import SavedFilter
from articles.permissions import USE

MOST = 30  # lists of one person; more are no shortcut


class NameForm(forms.Form):
    name = TypedText(
        max_length=100,
        label="Name of this list",
        error_messages={"required": "Give the list a name, such as “My chemo pages”. Nothing was saved."},
    )


@permission_required(USE, raise_exception=True)
@require_POST
def save(request):
    """Keep a list under a name, or forget the one whose id was sent; then go back to the list."""
    offered = choices(saved_by=request.user)
    query = Asked(QueryDict(request.POST.get("query", "")[:2_000]), request.user, offered).address().removeprefix("?")
    if (forgotten := request.POST.get("forget", "")) and is_id(forgotten):
        _forget(request, forgotten)
    else:
        _keep(request, query, number=len(offered.saved))
    return HttpResponseRedirect(f"{reverse('admin:review_desk')}?{query}")


def _forget(request, pk: str) -> None:
    kept = SavedFilter.objects.filter(pk=pk, user=request.user).first()
    if kept is None:
        messages.warning(request, "That list was forgotten already.")
        return
    kept.delete()
    messages.success(request, f"The list “{kept.name}” is forgotten. Its pages stay as they are.")


def _keep(request, query: str, *, number: int) -> None:
    form = NameForm(request.POST)
    if number >= MOST:
        messages.error(request, f"You have {MOST} saved lists, and that is the most. Forget one first.")
        return
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["name"]))
        return
    name = form.cleaned_data["name"]
    _, is_new = SavedFilter.objects.get_or_create(user=request.user, name=name, defaults={"query": query})
    if is_new:
        messages.success(request, f"This list is saved as “{name}”.")
    else:
        messages.error(request, f"You have a list “{name}” already. Choose another name, or forget that one first.")
