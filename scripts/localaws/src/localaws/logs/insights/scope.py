"""The names at one point of a query's pipeline."""

from dataclasses import dataclass, field

from localaws.logs.insights import discovery, syntax
from localaws.logs.insights.parameters import Parameters
from localaws.logs.insights.values import Kind, Value, malformed


@dataclass
class Scope:
    """Columns by their names in the query; before stats, any other name is a discovered field."""

    parameters: Parameters
    over_events: bool = True
    columns: dict[str, Value] = field(default_factory=dict)

    def find(self, node: syntax.Field) -> Value:
        """The value of a field. Raises MalformedQuery for a field that doesn't exist after stats."""
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

    def structure(self, node: syntax.Field) -> Value:
        """The list, map or value at the path `node` in a column of jsonParse().

        Raises MalformedQuery if the path isn't in such a column.
        """
        head, dot, path = node.name, "", ""
        while head not in self.columns or self.columns[head].kind is not Kind.JSON:
            head, dot, step = head.rpartition(".")
            path = f"{step}.{path}" if path else step
            if not dot:
                raise malformed(f"{node.name!r} isn't part of a result of jsonParse()", node)
        column = self.columns[head]
        return discovery.structure(column.sql, path, self.parameters.text) if path else column

    @property
    def timestamp(self) -> Value | None:
        """The time of the events, None after stats."""
        return discovery.discover("@timestamp", self.parameters.text) if self.over_events else None
