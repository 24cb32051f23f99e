"""Errors of API Gateway's own API."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class NotFound(ServiceException):
    """A resource doesn't exist."""

    code = "NotFoundException"


class BadRequest(ServiceException):
    """A request that AWS refuses, or that local AWS doesn't support."""

    code = "BadRequestException"


class Conflict(ServiceException):
    """A resource exists already."""

    code = "ConflictException"
