"""Precedents and dependents: which cells a cell is computed from, and which from it."""

from xlconv.tracing.graph import Edge, Node, Trace, Tracer, trace
from xlconv.tracing.owners import Owner
from xlconv.tracing.region import Region

__all__ = ["Edge", "Node", "Owner", "Region", "Trace", "Tracer", "trace"]
