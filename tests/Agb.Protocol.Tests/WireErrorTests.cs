using Agb.Protocol;

namespace Agb.Protocol.Tests;

public sealed class WireErrorTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("Mend the cause.")]
    public void An_advice_arrives_as_a_key(string? own)
    {
        var sent = new AgbException("X", AgbErrorKind.Failed, "It failed.", own) { Advice = AgbAdvice.CreateSession };
        var wire = WireError.From(sent);
        wire.Remedy.ShouldBe(sent.Remedy);
        var received = wire.ToException(null);
        (received.OwnRemedy, received.Advice, received.Remedy).ShouldBe((own, AgbAdvice.CreateSession, sent.Remedy));
    }

    [Theory]
    [InlineData("Bake a cake.", "BakeACake")]
    [InlineData("Other words for it.", "CreateSession")]
    [InlineData("Only words.", null)]
    [InlineData("A number.", "1")]
    [InlineData(null, "CreateSession")]
    public void An_unknown_advice_leaves_its_words(string? remedy, string? advice)
    {
        var received = new WireError { Id = "X", Remedy = remedy, Advice = advice }.ToException(null);
        (received.Remedy, received.Advice).ShouldBe((remedy, null));
    }
}
