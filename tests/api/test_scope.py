"""Which project a request means."""

import pytest

from vibevariant.api import scope
from vibevariant.api.auth import Caller
from vibevariant.errors import InvalidInput, NotFound
from vibevariant.experiments.catalog import Catalog, Project


def project(id_, key, *, is_example=False):
    return Project(id_, key, key, f"vv_proj_{key}", is_example, 0)


SHOP, BLOG, EXAMPLE = project(1, "shop"), project(2, "blog"), project(3, "example", is_example=True)
OWNER = Caller("key", "vv_sk_owner", 1)
OF_BLOG = Caller("token", "blog", None, 2)


def test_the_only_one_is_meant():
    assert scope.project(OWNER, Catalog((SHOP,)), None) is SHOP


def test_examples_are_never_in_the_way():
    assert scope.project(OWNER, Catalog((SHOP, EXAMPLE)), None) is SHOP
    assert scope.project(OWNER, Catalog((EXAMPLE,)), None) is EXAMPLE


def test_of_several_one_must_be_named():
    with pytest.raises(InvalidInput, match="Which project"):
        scope.project(OWNER, Catalog((SHOP, BLOG)), None)
    assert scope.project(OWNER, Catalog((SHOP, BLOG)), "blog") is BLOG


def test_a_caller_of_one_project_always_means_that():
    assert scope.project(OF_BLOG, Catalog((SHOP, BLOG)), None) is BLOG


def test_what_belongs_to_others_is_not_there():
    catalog = Catalog((SHOP, BLOG))
    assert scope.projects(OF_BLOG, catalog) == (BLOG,)
    with pytest.raises(NotFound):
        scope.project(OF_BLOG, catalog, "shop")
    with pytest.raises(NotFound):
        scope.project_named(OWNER, catalog, "nobody")
    with pytest.raises(NotFound):
        scope.project(OF_BLOG, Catalog((SHOP,)), None)
