namespace Agb.Engine.Tests.Sandbox;

/// <summary>Runs the other tests of this directory once more as a user without any privilege.</summary>
public sealed class OrdinaryUserTests
{
    [Fact]
    public Task Every_test_passes_for_an_ordinary_user() => OrdinaryUser.PassesAsync(
        ["-namespace", typeof(OrdinaryUserTests).Namespace!, "-class-", typeof(OrdinaryUserTests).FullName!],
        TestContext.Current.CancellationToken);
}
