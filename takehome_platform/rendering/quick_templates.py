"""Jinja2 templates compiled for what is shown most: rows of lists, and the candidate's pages.

A template that is included by its name is compiled into the one that includes it. Each language has
templates of its own, of which the translations are part. Attributes are read, and functions of the
environment called, as Python does it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString
from jinja2 import Environment, FileSystemLoader, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import InternationalizationExtension
from markupsafe import Markup, escape

from takehome_platform.rendering.template_texts import translations_to

INCLUDE = re.compile(r'{%\s*include\s+"([^"]+)"\s*%}')
HTML = (SafeString, Markup)


class InliningLoader(FileSystemLoader):
    """Puts each file in the place where it is included. It may set no variable of the other."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, filename, is_current = super().get_source(environment, template)
        checks = [is_current]

        def included(match: re.Match[str]) -> str:
            inner, _, is_inner_current = self.get_source(environment, match[1])
            checks.append(is_inner_current)
            return inner.removesuffix("\n")

        source = INCLUDE.sub(included, source)
        return source, filename, lambda: all(check() for check in checks)


class Translations(InternationalizationExtension):
    """Translates `{% trans %}` while a template of an environment with a `language` is compiled."""

    def _make_node(
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        *more: bool,
    ) -> nodes.Output:
        language = getattr(self.environment, "language", None)
        if language is None or plural_expr is not None:
            return super()._make_node(singular, plural, context, variables, plural_expr, *more)
        with translation.override(language):
            text = (
                translation.gettext(singular)
                if context is None
                else translation.pgettext(context, singular)
            )
        if not variables:
            return nodes.Output([nodes.TemplateData(text % {} if "%" in singular else text)])
        pairs = [nodes.Pair(nodes.Const(name), value) for name, value in variables.items()]
        # What stands in the place of a variable is escaped.
        return nodes.Output([nodes.Mod(nodes.MarkSafe(nodes.Const(text)), nodes.Dict(pairs))])


class QuickCode(CodeGenerator):
    """Jinja2 looks for an attribute among the items as well, and each function may ask for the
    context: ours have neither."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        name = node.node.name if isinstance(node.node, nodes.Name) else None
        if name not in self.environment.globals or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for number, argument in enumerate([*node.args, *node.kwargs]):
            self.write(", " if number else "")
            self.visit(argument, frame)
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.as_html(")


class QuickEnvironment(Environment):
    code_generator_class = QuickCode
    # The language in which templates are compiled; None if that is the active one.
    language: str | None = None

    def get_template(self, name: Any, *arguments: Any, **keywords: Any) -> Template:
        environment = self
        if self.language is None:
            environment = in_language(self, translation.get_language() or settings.LANGUAGE_CODE)
        return super(QuickEnvironment, environment).get_template(name, *arguments, **keywords)

    @staticmethod
    def as_html(value: Any) -> str:
        return value if type(value) in HTML else escape(value)


@cache
def in_language(environment: QuickEnvironment, language: str) -> QuickEnvironment:
    """Return an environment like this one, in which templates are compiled for the language."""
    own = environment.overlay()
    own.language = language
    own.globals = environment.globals | translations_to(language)
    return own
