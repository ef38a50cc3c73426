"""Noisy counts as plain values, for scripts and pages."""

from typing import Any

from tocsin.app.counting import Budget, Counting, Shown
from tocsin.kernel import Caller, at_micros
from tocsin.kernel.counts import BOUNDS, COST, LIFE_BUDGET, WEEK_BUDGET, CountList, Spend
from tocsin.taxonomy.counted import cells


def counts_view(counting: Counting, by: Caller, week: str = "") -> dict[str, Any]:
    """One week: every list with who said what of it, cell by cell, and what is left of the budget."""
    week = week or counting.newest_week()
    found = counting.shown(by, week)
    return {
        "week": week,
        "unit": "actor-week",
        "lists": [
            _list(which, [one for one in found if one.count.list_of == which.value]) for which in CountList
        ],
        "budget": budget_view(counting.budget(by, week)),
    }


def budget_view(budget: Budget) -> dict[str, Any]:
    """The ledger. Every number is an epsilon."""
    return {
        "life": LIFE_BUDGET / 1_000,
        "life_left": budget.life_left / 1_000,
        "week": WEEK_BUDGET / 1_000,
        "week_left": budget.week_left / 1_000,
        "unsure": budget.unsure,
        "paid": [_spend(one) for one in budget.paid],
    }


def _list(which: CountList, found: list[Shown]) -> dict[str, Any]:
    said = [{cell.of: cell.value for cell in one.count.counts} for one in found]
    return {
        "list": which.value,
        "bound": BOUNDS[which],
        "epsilon": COST / 1_000,
        "nodes": [
            {
                "author": one.author,
                "given_by": one.given_by,
                "record": one.record,
                "epsilon": one.count.epsilon,
                "bound": one.count.bound,
                "mechanism": one.count.mechanism,
                "scale": one.count.scale,
                "coverage": one.count.coverage,
                "half_width": one.count.half_width,
            }
            for one in found
        ],
        "cells": [
            {
                "of": of,
                "counts": [
                    None
                    if of not in values
                    else {
                        "value": values[of],
                        "low": values[of] - one.count.half_width,
                        "high": values[of] + one.count.half_width,
                    }
                    for one, values in zip(found, said, strict=True)
                ],
            }
            for of in cells(which)
        ]
        if found
        else [],
    }


def _spend(one: Spend) -> dict[str, Any]:
    return {
        "week": one.week,
        "list": one.list,
        "epsilon": one.cost / 1_000,
        "at": at_micros(one.at).isoformat(timespec="seconds"),
    }
