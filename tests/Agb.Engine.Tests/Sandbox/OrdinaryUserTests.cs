namespace Agb.Engine.Tests.Sandbox;

/// <summary>Runs the other tests of this directory once more as a user without any privilege.</summary>
public sealed class OrdinaryUserTests
{
    // Their outcome hardly depends on the user, so only the long form runs them.
    private static readonly Type[] s_longClasses =
    [
        typeof(BombTests), typeof(BystanderTests), typeof(CommandTests), typeof(ImageCatalogTests), typeof(ProcessTests), typeof(RaceTests),
        typeof(SizeTests), typeof(TerminalTests),
    ];

    [Fact]
    public Task Every_test_passes_for_an_ordinary_user() => OrdinaryUser.PassesAsync(
        ["-namespace", typeof(OrdinaryUserTests).Namespace!, .. Without([typeof(OrdinaryUserTests), .. LongTests.Wanted ? [] : s_longClasses])],
        TestContext.Current.CancellationToken);

    private static IEnumerable<string> Without(Type[] classes) => classes.SelectMany(c => (string[])["-class-", c.FullName!]);
}
