from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "Health library"

    def ready(self):
        from articles.search.index import follow_topics

        follow_topics()
