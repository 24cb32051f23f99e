"""What authorizers of HTTP APIs and signed requests do as on AWS: a row of the conformance table each."""

from __future__ import annotations

from collections.abc import Mapping

# The name that a test's mark uses → the behaviour.
AUTHORIZATION: Mapping[str, str] = {
    "http authorizer simple": "a Lambda authorizer's `isAuthorized` lets a request pass, or it gets a 403",
    "http authorizer policy": "a Lambda authorizer's policy decides by the ARN of the request, for cached answers too",
    "http authorizer payload 2.0": "a Lambda authorizer gets the request in payload format 2.0, without its body",
    "http authorizer payload 1.0": "a Lambda authorizer gets the request in payload format 1.0",
    "http authorizer identity sources": (
        "a request without one of the identity sources is a 401, and the function isn't called; sources are headers, "
        "the query string, stage variables and `$context`"
    ),
    "http authorizer caching": (
        "answers are kept by identity source for all routes of the authorizer, until their time is up on local AWS's "
        "clock; without a time of its own for 300 seconds"
    ),
    "http authorizer context": "the authorizer's context is `requestContext.authorizer.lambda`, with its types",
    "http authorizer failures": "an authorizer that fails, or whose answer has another form, is a 500",
    "http authorizer unauthorized": "an authorizer whose error is `Unauthorized` is a 401",
    "http authorizer roles": "the function is called in the name of the authorizer's role, or by its own policy",
    "http authorizer api": (
        "authorizers are created, listed, changed and deleted by the API; one that a route uses can't be deleted"
    ),
    "http authorizer logs": "access logs have `$context.authorizer`: context, claims, principal and error",
    "http jwt claims": "the claims of a token are `requestContext.authorizer.jwt.claims`, as texts, and its scopes",
    "http jwt scopes": "a token with none of the route's scopes, in `scope` or `scp`, is a 403",
    "http jwt invalid": (
        "a token with another issuer or audience, out of its time (`exp`, `nbf`, `iat`) or without an expiry is a 401 "
        "with `www-authenticate`"
    ),
    "http jwt audiences": "`aud` can be a list, and `client_id` counts where there is no `aud`",
    "http jwt signatures": (
        "only RS256, RS384 and RS512 by a key of the issuer are accepted: no `none`, no symmetric or elliptic key, no "
        "key that the token brings"
    ),
    "http jwt keys": (
        "keys are found by discovery and `kid`, and kept for two hours; an unknown `kid` has them fetched again after "
        "5 seconds"
    ),
    "http jwt unreachable": "a token of an issuer that can't be reached within 1.5 seconds is a 401",
    "http iam": "a signed request to a route with AWS_IAM has its caller in `requestContext.authorizer.iam`",
    "http iam signatures": (
        "a request with no signature, a wrong or an old one, or one for another service or region is a 403; signatures "
        "of roles and users are verified, those of the account's own keys aren't"
    ),
    "http iam policies": "the caller's policies must allow `execute-api:Invoke` on the request's ARN (`--iam enforce`)",
    "http authorizer time-out": "an authorizer that takes longer than 10 seconds is a 500",
    "rest iam": "a signed request to a REST API's method with AWS_IAM has its caller in `requestContext.identity`",
    "rest iam signatures": (
        "to such a method a request without a signature is a 403 `Missing Authentication Token`; one with a wrong or "
        "an old signature, or one for another service, is a 403 that says so"
    ),
    "rest iam policies": (
        "the caller's policies must allow `execute-api:Invoke` on the method, or it's a 403 that names caller and "
        "method (`--iam enforce`)"
    ),
    "rest iam caller credentials": "with the caller's credentials the caller must be allowed to invoke the function",
    "url iam": (
        "a function URL with AWS_IAM takes signed requests only, whose caller or the function's policy must allow "
        "`lambda:InvokeFunctionUrl` (`--iam enforce`)"
    ),
}
