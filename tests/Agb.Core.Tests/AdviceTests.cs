namespace Agb.Core.Tests;

public sealed class AdviceTests
{
    [Fact]
    public void Every_advice_is_a_sentence()
    {
        foreach (var advice in Enum.GetValues<AgbAdvice>())
        {
            AdviceWords.Of(advice).ShouldEndWith(".");
        }
    }

    [Fact]
    public void The_remedy_ends_with_the_words_of_the_advice()
    {
        var error = new AgbException("X", AgbErrorKind.Failed, "It failed.", "Mend the cause.") { Advice = AgbAdvice.ListContexts };
        error.Remedy.ShouldBe("Mend the cause. List the contexts, or create one.");
        error.RemedyWith(a => $"<{a}>").ShouldBe("Mend the cause. <ListContexts>");
        new AgbException("X", AgbErrorKind.Failed, "It failed.").Remedy.ShouldBeNull();
        new AgbException("X", AgbErrorKind.Failed, "It failed.") { Advice = AgbAdvice.ListContexts }.Remedy.ShouldBe("List the contexts, or create one.");
    }

    [Fact]
    public void An_id_is_text_as_a_target()
    {
        new AgbException("X", AgbErrorKind.Failed, "It failed.", target: new SessionId("s-1")).Target.ShouldBe("s-1");
        new AgbException("X", AgbErrorKind.Failed, "It failed.", target: new ContextId("c-1")).Target.ShouldBe("c-1");
    }
}
