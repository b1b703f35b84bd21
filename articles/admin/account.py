"""Accounts and groups: Django's own admin, on lists that survive any address."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from articles.admin.robust import RobustLists

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(RobustLists, UserAdmin):
    pass


@admin.register(Group)
class RoleAdmin(RobustLists, GroupAdmin):
    pass
