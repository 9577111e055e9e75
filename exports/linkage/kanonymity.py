"""k-anonymity: how many persons share each combination of the variables that could point at somebody.

The variables are those of class Klass.QUASI; missing is a value like any other. Persons are counted, not rows: who has
several rows with the same combination counts once in it. A person is "below" when one of their rows lies in a
combination that fewer than k persons share. (A person's rows taken together can be rarer than each of them. Person
grain, or fewer variables, is the answer to that; the count per row is what Statistics Denmark's practice knows.)

What it is to the delivery. The job puts into `delivery.report`, when the set is prepared and again when it is built:

    report["k"] = {
        "k": 5,                  # the project's
        "variables": ["REGION", …],  # those counted over, in the file's order
        "groups": 812,           # combinations that occur
        "groups_below": 3,       # of them shared by fewer than k persons
        "persons_below": 4,      # persons in those
        "smallest": "<5",        # persons in the smallest group; masked below k, so that the report points at nobody
        "without": [["ROLLE", 0], …],  # persons below k if this variable were left out, the best first
    }

The counts are true numbers for comparing; a page masks those below k (wording.k_texts does). A comparison delivery has
no report["k"].

A report with persons below k has the finding "k_anonymity" in report["findings"]. What it means is decided by where the
data file is used (EvaluationProject.data_at):

- "dst": the approver may accept it in writing. Then policies.needs_acceptance(delivery) and
  policies.may_be_accepted(delivery) are both true, report["blocked"] says only what else blocks, and an approval
  is good only with a text in Delivery.k_accepted;
- "own": it blocks like every other rule: report["blocked"] is true, and may_be_accepted is false.

So an approval may be given when `not report["blocked"] and (not needs_acceptance(delivery) or k_accepted)`.

When files are built, people may have withdrawn since the approval, and the set is counted again. `still_covered` says
whether the approval reaches that far. Its rule: nobody is below k; or the approver accepted, and persons_below is at
most what was accepted plus k - 1 for each participant who left: who leaves a group of k leaves k - 1 persons below.
Beyond that (somebody left several groups at once) the set is prepared again and somebody looks again.
"""
