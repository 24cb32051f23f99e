"""Operations on custom domain names, and on the account."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult

from localaws.rest.api.base import RestHandler
from localaws.rest.errors import BadRequest, Conflict
from localaws.rest.store import Document, found, new_id
from localaws.rest.support import check_domain

# The base path of a mapping without one.
NONE = "(none)"


class DomainOperations(RestHandler):
    """DomainName, BasePathMapping and Account."""

    def create_domain_name(self) -> ActionResult:
        """CreateDomainName: requests with this Host header are served."""
        name, region = self.params["domainName"], self.region
        if name in self.store.domains:
            raise Conflict("The domain name you provided already exists.")
        kinds = (self.params.get("endpointConfiguration") or {}).get("types") or ["EDGE"]
        domain = {
            "endpointConfiguration": {"types": kinds},
            **self.given("certificateBody", "certificateChain", "certificatePrivateKey"),
            "domainNameStatus": "AVAILABLE",
            "domainNameArn": f"arn:aws:apigateway:{region}::/domainnames/{name}",
        }
        check_domain(domain)
        if "EDGE" in kinds:
            domain |= {
                "distributionDomainName": f"d{new_id(13)}.cloudfront.net",
                "distributionHostedZoneId": "Z2FDTNDATAQYW2",
            }
        else:
            domain |= {
                "regionalDomainName": f"d-{new_id()}.execute-api.{region}.amazonaws.com",
                "regionalHostedZoneId": "Z1UJRXOUMOOFQ8",
            }
        self.store.domains[name] = domain
        self.store.mappings[name] = {}
        return ActionResult(domain)

    def get_domain_name(self) -> ActionResult:
        """GetDomainName."""
        return ActionResult(self._domain())

    def get_domain_names(self) -> ActionResult:
        """GetDomainNames."""
        return ActionResult({"items": list(self.store.domains.values())})

    def update_domain_name(self) -> ActionResult:
        """UpdateDomainName."""
        return self.patched(self._domain(), "DomainName")

    def delete_domain_name(self) -> ActionResult:
        """DeleteDomainName, with its mappings."""
        name = self._domain()["domainName"]
        del self.store.domains[name], self.store.mappings[name]
        return EmptyResult()

    def create_base_path_mapping(self) -> ActionResult:
        """CreateBasePathMapping: an API's stage under a path of a domain."""
        name = self._domain()["domainName"]
        path = self.params.get("basePath") or NONE
        if path in self.store.mappings[name]:
            raise Conflict("Base path already exists for this domain name")
        mapping = {**self.given("domainName", "domainNameId"), "basePath": path}
        self._check_mapping(mapping)
        self.store.mappings[name][path] = mapping
        return ActionResult(mapping)

    def get_base_path_mapping(self) -> ActionResult:
        """GetBasePathMapping."""
        return ActionResult(self._mapping())

    def get_base_path_mappings(self) -> ActionResult:
        """GetBasePathMappings."""
        return ActionResult({"items": list(self.store.mappings[self._domain()["domainName"]].values())})

    def update_base_path_mapping(self) -> ActionResult:
        """UpdateBasePathMapping."""
        mapping = self._mapping()
        answer = self.patched(mapping, "BasePathMapping")
        self._check_mapping(mapping)
        mappings = self.store.mappings[self.params["domainName"]]
        del mappings[self.params["basePath"]]
        mappings[mapping["basePath"]] = mapping
        return answer

    def delete_base_path_mapping(self) -> ActionResult:
        """DeleteBasePathMapping."""
        self._mapping()
        del self.store.mappings[self.params["domainName"]][self.params["basePath"]]
        return EmptyResult()

    def get_account(self) -> ActionResult:
        """GetAccount."""
        return ActionResult(self.store.account)

    def update_account(self) -> ActionResult:
        """UpdateAccount."""
        return self.patched(self.store.account, "Account")

    def _check_mapping(self, mapping: Document) -> None:
        api = self.store.api(mapping["restApiId"])
        if mapping.get("stage") and mapping["stage"] not in api.stages:
            raise BadRequest("Invalid stage identifier specified")

    def _domain(self) -> Document:
        return found(self.store.domains, self.params["domainName"], "Invalid domain name identifier specified")

    def _mapping(self) -> Document:
        path = self.params["basePath"]
        mappings = self.store.mappings[self._domain()["domainName"]]
        return found(mappings, path, "Invalid base path mapping identifier specified")
