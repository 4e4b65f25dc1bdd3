"""Every threshold, once: the line a panel draws and the number its alert compares with are the same field."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When something is bad. Shares are of 1, times are seconds, money is US dollars.

    Contracts override `success_target`; budgets, run times and evaluation targets exist only in contracts.
    """

    # Failures: how many times faster than allowed the error budget of a 30-day objective burns.
    success_target: float = 0.99
    spike_burn: float = 20.0
    fast_burn: float = 14.4
    slow_burn: float = 6.0
    least_calls: int = 20
    least_failures: int = 8  # a fifth of twenty calls is four, which is one bad minute

    # Money: against this time of day on earlier days; the floors keep pennies from paging.
    cost_factor: float = 1.8
    cost_excess_usd_per_hour: float = 5.0
    cost_least_calls: int = 50
    new_cost_usd_per_hour: float = 10.0
    new_cost_factor: float = 2.0
    cost_per_call_factor: float = 1.4
    cost_per_call_excess_usd_per_hour: float = 0.5
    budget_share_per_hour: float = 0.25
    budget_share: float = 1.0
    budget_share_before_forecast: float = 0.3
    cost_per_call_least_calls: int = 500  # a mean of so many strays by 4 %, one of 200 by 7 %

    # Silence: how many calls the past must promise before none at all means something.
    expected_calls: int = 20
    expected_calls_slow: int = 50
    least_calls_in_6h: int = 10

    # Speed
    call_p95_s: float = 30.0
    first_chunk_p95_s: float = 5.0
    usual_slowness: float = 2.0
    slowest_of: int = 100

    # Providers
    retry_share: float = 0.5
    rate_limited_share: float = 0.1

    # Quality
    guardrail_block_share: float = 0.1
    empty_retrieval_share: float = 0.3
    usual_factor: float = 3.0
    evaluation_sigma: float = 4.0
    least_scores: int = 10
    evaluation_gap: int = 0  # a mean score minus its target
    fallback_share: float = 0.2
    review_backlog: int = 25

    # Pipeline
    queue_share: float = 0.8
    series: int = 20_000

    @property
    def spike_failure_share(self) -> float:
        """Give the share of failed calls that pages at once where no contract says otherwise."""
        return round(self.spike_burn * (1 - self.success_target), 6)

    @property
    def slow_failure_share(self) -> float:
        """Give the share of failed calls that, sustained for hours, opens a ticket where no contract says otherwise."""
        return round(self.slow_burn * (1 - self.success_target), 6)


LIMITS = Limits()
