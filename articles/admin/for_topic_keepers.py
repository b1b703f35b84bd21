"""Who may change the words of search: whoever may change topics, because both are public as saved."""

from articles.workflow import PUBLISH


class ForTopicKeepers:
    """Everybody who may look at topics looks; who may write them writes. Put it before ModelAdmin in the bases."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("articles.view_topic") or self._keeps_topics(request)

    def has_add_permission(self, request):
        return self._keeps_topics(request)

    def has_change_permission(self, request, obj=None):
        return self._keeps_topics(request)

    def has_delete_permission(self, request, obj=None):
        return self._keeps_topics(request)

    def _keeps_topics(self, request):
        return request.user.has_perm("articles.change_topic") and request.user.has_perm(PUBLISH)
