namespace Agb.Engine.Tests.Sessions;

/// <summary>Places for the groups that freeze sessions, and their files, in directories that stand in for control groups.</summary>
public sealed class FreezerPlacesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agb-fake-freezer-").FullName;

    public void Dispose() => TreeRemover.Remove(_root);

    [Fact]
    public void A_host_of_version_2_has_one_place() =>
        Places(Freezers.All, unified: "/u/own").ShouldBe([new FreezerGroup("/u/own/agb-s-1-sleep", IsV2: true)]);

    [Fact]
    public void A_host_of_version_1_has_one_place() =>
        Places(Freezers.All, legacy: "/f").ShouldBe([new FreezerGroup("/f/agb-s-1-sleep", IsV2: false)]);

    [Fact]
    public void A_hybrid_host_has_both_and_version_2_first() => Places(Freezers.All, unified: "/u", legacy: "/f").ShouldBe(
        [new FreezerGroup("/u/agb-s-1-sleep", IsV2: true), new FreezerGroup("/f/agb-s-1-sleep", IsV2: false)]);

    [Fact]
    public void A_host_without_groups_has_none()
    {
        Places(Freezers.All).ShouldBeEmpty();
        Places(Freezers.None, unified: "/u", legacy: "/f").ShouldBeEmpty();
    }

    [Fact]
    public void A_session_with_limits_in_version_2_sleeps_below_them_alone()
    {
        var group = Directory.CreateDirectory($"{_root}/agb-s-1").FullName;
        File.WriteAllText($"{group}/cgroup.type", "domain\n");
        Places(Freezers.All, unified: "/u", groups: ["/memory/agb-s-1", group]).ShouldBe([new FreezerGroup($"{group}/sleep", IsV2: true)]);
    }

    [Theory]
    [InlineData("cgroup2", "rw", "/u/own")]
    [InlineData("cgroup", "rw,freezer", null)]
    public void The_hierarchy_of_version_2_needs_no_controller(string type, string options, string? expected) => ControlGroupLayout.Find(
        "cgroup.freeze", [$"31 24 0:26 / /u rw,nosuid - {type} cgroup {options}"], ["0::/own"], _ => ["cgroup.freeze"], _ => true)
        ?.OwnDirectory.ShouldBe(expected);

    [Theory]
    [InlineData(true, "cgroup.freeze", "1", "0")]
    [InlineData(false, "freezer.state", "FROZEN", "THAWED")]
    public void A_group_is_frozen_and_thawed_by_its_file(bool isV2, string file, string frozen, string thawed)
    {
        var group = new FreezerGroup($"{_root}/g", isV2);
        group.Make().ShouldBeFalse("an old kernel has no such file");
        group.Thaw();
        File.WriteAllText($"{_root}/g/{file}", "");
        group.Make().ShouldBeTrue();
        group.Freeze();
        File.ReadAllText($"{_root}/g/{file}").ShouldBe(frozen);
        File.WriteAllText($"{_root}/g/{file}", "");
        group.Thaw();
        File.ReadAllText($"{_root}/g/{file}").ShouldBe(thawed);
    }

    [Theory]
    [InlineData(true, "cgroup.events", "populated 1\nfrozen 1\n", true)]
    [InlineData(true, "cgroup.events", "populated 1\nfrozen 0\n", false)]
    [InlineData(false, "freezer.state", "FROZEN\n", true)]
    [InlineData(false, "freezer.state", "FREEZING\n", false)]
    public void Whether_all_are_frozen_is_read(bool isV2, string file, string content, bool expected)
    {
        File.WriteAllText($"{_root}/{file}", content);
        new FreezerGroup(_root, isV2).IsFrozen.ShouldBe(expected);
    }

    [Theory]
    [InlineData("1\n", "2")]
    [InlineData("max\n", "max")]
    public void The_group_of_the_limits_takes_one_more(string before, string after)
    {
        File.WriteAllText($"{_root}/cgroup.max.descendants", before);
        new FreezerGroup($"{_root}/sleep", IsV2: true).Make();
        File.ReadAllText($"{_root}/cgroup.max.descendants").Trim().ShouldBe(after);
    }

    [Fact]
    public void Members_are_read()
    {
        File.WriteAllText($"{_root}/cgroup.procs", "12\n34\n");
        new FreezerGroup(_root, IsV2: true).Read().ShouldBe([12, 34], ignoreOrder: true);
    }

    private static FreezerGroup[] Places(Freezers allowed, string? unified = null, string? legacy = null, string[]? groups = null) =>
        [.. FreezerPlaces.For("s-1", groups ?? [], allowed, isV2 => (isV2 ? unified : legacy) is { } own ? new ControllerPlace(isV2, own, own) : null)];
}
