"""Lists for whoever may use the review desk. Their models have no permissions of their own."""

from articles.permissions import USE


class ForTheDesk:
    """Put it before ReadOnlyAdmin in the bases: what staff may do besides looking, the admin of the model says."""

    change_list_template = "admin/review_desk/change_list.html"

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(USE)

    def has_module_permission(self, request):
        return request.user.has_perm(USE)
