"""The error of a delivery."""


class DeliveryFailed(Exception):
    """A release that can't be built, deployed or rolled back; the message names the cause and the remedy."""
