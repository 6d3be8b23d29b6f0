"""Other models, behind any server that speaks OpenAI's protocol: what they answer, and whether it can be measured."""
