namespace Agb.Engine.Store.Tests;

/// <summary>Files that a running session removes while they are being uploaded.</summary>
public sealed class VanishingFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-vanishing-tests-").FullName;

    [Fact]
    public void A_changed_file_that_vanishes_before_it_is_copied_is_deleted_by_the_next_upload()
    {
        var tree = Directory.CreateDirectory(Path.Combine(_directory, "tree")).FullName;
        File.WriteAllText(Path.Combine(tree, "file"), "first");
        using var source = Fd.OpenDirectory(tree);
        var first = Plan(source, new Manifest());
        File.WriteAllText(Path.Combine(tree, "file"), "second and longer");

        var second = Plan(source, first.Manifest);
        File.Delete(Path.Combine(tree, "file"));
        using (var target = Fd.OpenDirectory(Directory.CreateDirectory(Path.Combine(_directory, "layer")).FullName))
        using (var changes = new ChangeTrees(source))
        using (var writer = new LayerWriter(changes, target, second, link: false))
        {
            writer.Write(TestContext.Current.CancellationToken);
        }

        var step = Plan(source, second.Manifest).Steps.ShouldHaveSingleItem();
        (step.Path, step.Operation).ShouldBe(("file", SyncOperation.Delete));
    }

    [Fact]
    public void A_file_that_vanishes_while_it_is_compared_does_not_pass_for_damage()
    {
        var stored = Directory.CreateDirectory(Path.Combine(_directory, "stored")).FullName;
        var upper = Directory.CreateDirectory(Path.Combine(_directory, "upper")).FullName;
        File.WriteAllText(Path.Combine(stored, "file"), "same");
        using var tree = Fd.OpenDirectory(upper);
        File.Copy(Path.Combine(stored, "file"), Path.Combine(upper, "file"));
        using var changes = new ChangeTrees(tree);
        using var view = new StoredTree(MergedDirectory.Open([stored], ""), changes, isFirstManifest: false);
        var below = view.Lookup("file")!.Value;
        var entry = new ScannedEntry("file", below, false);
        File.Delete(Path.Combine(upper, "file"));

        view.IsIdentical(entry, below).ShouldBeFalse();
    }

    public void Dispose() => TreeRemover.Remove(_directory);

    private static SyncPlan Plan(Fd tree, Manifest previous) => SyncPlanner.Plan(
        TreeScanner.Scan(tree, OverlayMarks.User, TestContext.Current.CancellationToken), previous, new NothingStored(null), new EffectivePolicy(new AgbSyncPolicy(), "/data"));
}
