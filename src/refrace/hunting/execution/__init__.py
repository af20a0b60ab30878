"""Running the programs of a hunt in this process."""

from refrace.hunting.execution.program_run import Observation, ProgramRun
from refrace.hunting.execution.run import run_program
from refrace.hunting.execution.smaller import smaller

__all__ = ["Observation", "ProgramRun", "run_program", "smaller"]
