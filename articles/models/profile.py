"""What a clinician is, beside the account: it stands under every sign-off."""

from django.conf import settings
from django.db import models


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    profession = models.CharField(max_length=100, help_text="Such as “Registered nurse” or “Consultant oncologist”.")
    registration_number = models.CharField(
        max_length=100, help_text="With the register, such as “NMC 12A3456E”. It stands under every sign-off."
    )

    def __str__(self):
        return f"{self.profession}, no. {self.registration_number}"
