from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self):
        from audit import triggers
        from consent.triggers import TRIGGERS
        from consent.vault import PROOF, new_proof_identity
        from crypto.keys import register_purpose

        register_purpose(PROOF, make=new_proof_identity)
        triggers.register(*TRIGGERS)
