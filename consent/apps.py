from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"

    def ready(self):
        from audit import triggers
        from consent.triggers import TRIGGERS
        from consent.vault import PROOF, files_sealed_to, new_proof_identity
        from crypto.keys import register_purpose

        register_purpose(PROOF, make=new_proof_identity, needs=files_sealed_to)
        triggers.register(*TRIGGERS)
