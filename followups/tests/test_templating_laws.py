"""Laws of templates: what is accepted is rendered for every lead, within bounds, and leaves no hole."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from followups.templating import faults, rendered
from followups.templating.filters import FILTERS
from followups.templating.language import LONGEST_TEXT, VARIABLES

NAMES = [*VARIABLES, "attributes.rooms", "attributes.items", "1", '"x"']
USES = [each.example for each in FILTERS.values()] + ['date:"H:i"', "floatformat:-3", "floatformat"]
STRANGE = ["center:99999999", "default:name", 'default:""', "upper:2", "truncatechars:99999999"]

filters = st.lists(st.sampled_from(USES + STRANGE[:1]), max_size=3)
values = st.builds(lambda name, used: "|".join([name, *used]), st.sampled_from(NAMES), filters)
comparisons = st.sampled_from(["==", "!=", "<", ">=", "in", "is not"])
conditions = st.recursive(
    st.one_of(
        st.sampled_from(NAMES),
        st.builds("{} {} {}".format, values, comparisons, st.sampled_from(NAMES)),
    ),
    lambda inner: st.one_of(
        st.builds("not {}".format, inner),
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
    ),
    max_leaves=4,
)
BRANCHED = "{{% if {} %}}{}{{% elif {} %}}{}{{% else %}}{}{{% endif %}}"
guarded = st.tuples(st.sampled_from(NAMES), conditions)
leaves = st.one_of(
    st.builds("<{{{{ {} }}}}>".format, values),
    st.builds('<{{{{ {}|default:"there" }}}}>'.format, values),
    guarded.map(lambda pair: "{{% if {0} and {1} %}}<{{{{ {0} }}}}>{{% endif %}}".format(*pair)),
    guarded.map(
        lambda pair: "{{% if not {0} or {1} %}}{{% else %}}<{{{{ {0} }}}}>{{% endif %}}".format(*pair)
    ),
    st.builds("{{% if {0} != '' %}}<{{{{ {0} }}}}>{{% endif %}}".format, st.sampled_from(NAMES)),
)
bodies = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{{% if {} %}}{}{{% endif %}}".format, conditions, inner),
        st.builds(BRANCHED.format, conditions, inner, conditions, inner, inner),
    ),
    max_leaves=4,
)
scalars = st.one_of(
    st.sampled_from(
        [None, "", "x" * 2000, "ß" * 600, "2026-02-30", "0001-01-01", "9999-12-31T23:59:59+14:00"]
    ),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=10),
)
leads = st.builds(
    lambda told, attributes: {**dict(zip(VARIABLES, told, strict=False)), "attributes": attributes},
    st.lists(scalars, max_size=len(VARIABLES)),
    st.dictionaries(st.sampled_from(["rooms", "items"]), scalars),
)
EMPTY = {"policy": "nudge", "step": 1}


@settings(max_examples=200)
@given(source=bodies, lead=leads)
def test_what_is_accepted_is_rendered_within_bounds(source, lead):
    assume(not faults(source))
    assert len(rendered(source, lead)) <= LONGEST_TEXT


@settings(max_examples=200)
@given(source=bodies)
def test_what_is_accepted_leaves_no_hole(source):
    assume(not faults(source))
    assert "<>" not in rendered(source, EMPTY)


@given(source=bodies, strange=st.sampled_from(STRANGE))
def test_what_is_strange_is_refused_wherever_it_stands(source, strange):
    assert faults(source + "{% if step %}{{ step|" + strange + " }}{% endif %}")


@given(source=st.text(alphabet="{}%#|:\"' \nifendelsename._", max_size=300))
def test_any_text_is_judged_and_if_accepted_rendered(source):
    if not faults(source):
        rendered(source, {})


@given(name=st.text(max_size=50).map(lambda text: text * 60))
def test_no_value_makes_a_message_too_long(name):
    source = '{{ name|upper|default:"x" }}' * 100
    assert faults(source) == []
    assert len(rendered(source, {"name": name})) <= LONGEST_TEXT
