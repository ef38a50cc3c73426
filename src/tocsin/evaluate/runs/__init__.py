"""Runs: a plan's tasks asked of models through Inspect AI (extra `evaluate`), and Inspect's logs read as outcomes.

Enters: a plan, a family, or a log of any Inspect task. Leaves: `Run`s, sample by sample, with what was spent. Refuses:
a model whose digest is not the plan's, and to call a sample without an answer or a judgement a pass or a failure.

Reading a log needs nothing of Inspect. What imports it (`models`, `tasks`, `registry`, `running`) is imported when a
run begins, for it takes seconds.
"""
