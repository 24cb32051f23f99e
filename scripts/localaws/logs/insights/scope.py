"""What a name means at one point of a query's pipeline."""

from dataclasses import dataclass, field

from localaws.logs.insights import discovery, syntax
from localaws.logs.insights.parameters import Parameters
from localaws.logs.insights.values import Kind, Value, malformed


@dataclass
class Scope:
    """Columns by the name the query knows them by; over events, any other name is a discovered field."""

    parameters: Parameters
    over_events: bool = True
    columns: dict[str, Value] = field(default_factory=dict)

    def find(self, node: syntax.Field) -> Value:
        """The value of a field. Raises MalformedQuery for a field that an earlier stats hasn't kept."""
        if node.name in self.columns:
            return self.columns[node.name]
        head, dot, path = node.name.partition(".")
        while dot:
            column = self.columns.get(head)
            if column is not None and column.kind is Kind.JSON:
                return discovery.inside(column.sql, path, self.parameters.text)
            step, dot, path = path.partition(".")
            head = f"{head}.{step}"
        if not self.over_events:
            kept = ", ".join(self.columns)
            raise malformed(f"the field {node.name!r} doesn't exist after stats, which keeps only {kept}", node)
        return discovery.discover(node.name, self.parameters.text)

    @property
    def timestamp(self) -> Value | None:
        """The time of the events, None after stats."""
        return discovery.discover("@timestamp", self.parameters.text) if self.over_events else None
