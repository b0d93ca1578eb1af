"""The view model of the candidate's page: the only data of an interview that its templates get."""

from candidate_portal.page_state.of_interview import page_state_of
from candidate_portal.page_state.state import PageState

__all__ = ["PageState", "page_state_of"]
