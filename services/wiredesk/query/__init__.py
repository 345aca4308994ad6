"""The language of rules and searches: parse, lint, match.

    region:SY-HL AND (manbij OR "al bab") AND NOT kind:comment

Words and phrases are compared without case and diacritics. `AND` may be left out; `NOT` binds tightest, then `AND`,
then `OR`; parentheses group, after a field as well: `lang:(en OR fr)`. `hosp*` is any word that begins so,
`power NEAR/5 grid` two terms at most five words apart, in any order.
"""

from wiredesk.query.match import Document, Hit, evaluate
from wiredesk.query.syntax import Node, QueryFault, parse

__all__ = ["Document", "Hit", "Node", "QueryFault", "evaluate", "parse"]
