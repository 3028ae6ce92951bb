@{
    ExcludeRules = @(
        # Build scripts talk to the person who runs them.
        'PSAvoidUsingWriteHost'
        # Pester sets variables in one block for another, which the analyzer can't see.
        'PSUseDeclaredVarsMoreThanAssignments'
        # The rule is about functions that others call; these are a script's own.
        'PSUseShouldProcessForStateChangingFunctions'
        # An expectation may be a script block's only use of a parameter.
        'PSReviewUnusedParameter'
    )
}
