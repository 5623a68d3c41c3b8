"""Makes an account for each role in the home of the environment: one process instead of eight."""

from __future__ import annotations

from perisai import settings
from perisai.desk.permissions import Role
from perisai.desk.site import configure_site
from tests.desk.web.running import NAMES, PASSWORD, PLATFORM


def main() -> None:
    chosen = settings.load()
    configure_site(chosen, "desk")
    from django.contrib.auth.models import User

    from perisai.desk.opening import open_house
    from perisai.desk.people.models import Member

    open_house(chosen)
    for role, name in NAMES.items():
        user = User.objects.create_user(name, password=PASSWORD.format(name))
        platform = PLATFORM if role is Role.PLATFORM else ""
        Member.objects.create(user=user, role=role.value, platform=platform)


if __name__ == "__main__":
    main()
