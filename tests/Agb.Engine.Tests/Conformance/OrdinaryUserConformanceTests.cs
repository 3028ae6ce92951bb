using System.Reflection;
using Agb.Engine.Tests.Sessions;
using Agb.Engine.Tests.Store;
using Agb.Conformance;

namespace Agb.Engine.Tests.Conformance;

/// <summary>Runs the tests in which files and processes matter once more as a user without any privilege.</summary>
public sealed class OrdinaryUserConformanceTests
{
    // Tests of the engine alone.
    private static readonly Type[] s_classes =
        [typeof(LostSessionTests), typeof(OtherProcessTests), typeof(DamagedStoreTests), typeof(ClosedEntryTests), typeof(DirectoryRenameTests), typeof(SleepLifeTests)];

    private static IEnumerable<string> Classes =>
    [
        .. s_classes.Select(c => c.FullName!),
        .. On(Services.UserOverlay, Services.Overlay),
        .. On(Services.UserCopy, Services.Copy),
    ];

    [Fact]
    public Task They_pass_for_an_ordinary_user() =>
        OrdinaryUser.PassesAsync([.. Classes.SelectMany(c => (string[])["-class", c])], TestContext.Current.CancellationToken);

    // The other process opens the same service, as that user.
    private static IEnumerable<string> On(Services user, Services service) => typeof(ServiceTest).Assembly.GetExportedTypes()
        .Where(t => t.GetCustomAttribute<RunsOnAttribute>() is { } runsOn && runsOn.Now.HasFlag(user))
        .Select(t => ServiceTestClass.NameOf(t, service));
}
