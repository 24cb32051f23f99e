"""Tells which of its handlers was asked for."""


def default(event, context):
    return "the image's own"


def chosen(event, context):
    return "the function's"
