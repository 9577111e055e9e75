"""What a department is called in lists, definitions and files. By itself: pages ask for it, and load nothing else."""


def department_code(organisation_number: int, department_number: int) -> str:
    """LBF's two numbers, without leading zeros: 10-1."""
    return f"{organisation_number}-{department_number}"
