"""Lists to read: what is written once, or written by the product itself."""

from articles.admin.robust import RobustAdmin


class ReadOnlyAdmin(RobustAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
