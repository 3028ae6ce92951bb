using System.Text.Json;

namespace Agb.Engine.Store.Tests;

/// <summary>What the catalog keeps as JSON may lack what this program would have written.</summary>
public sealed class StoredJsonTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-json-tests-").FullName;

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"whiteLists":null,"upload":{},"download":null,"recycle":{"lifecycle":"Lifecycle_Forever"},"unknown":[1]}""")]
    public void A_mount_whose_policy_says_nothing_has_the_policy_of_one_that_says_nothing(string stored) =>
        StoredPolicy.Write(ReadMount(stored).Policy).ShouldBe(StoredPolicy.Write(new AgbSyncPolicy()));

    [Fact]
    public void What_a_stored_policy_says_counts_and_the_rest_is_as_if_it_were_not_there()
    {
        var policy = ReadMount(
            """
            {"upload":{"autoUpload":false},"delete":{"syncLocalFile":false},"extract":{"deleteSrcFile":false},"recycle":{"paths":[]},
             "whiteLists":[{"path":"a"},{"path":"b","excludePaths":["b/c"]}],"mapping":{"path":"/srv"}}
            """).Policy;

        StoredPolicy.Write(policy).ShouldBe(StoredPolicy.Write(new AgbSyncPolicy
        {
            Upload = new AgbUploadPolicy { AutoUpload = false },
            Delete = new AgbDeletePolicy { SyncLocalFile = false },
            Extract = new AgbExtractPolicy { DeleteSrcFile = false },
            Recycle = new AgbRecyclePolicy { Paths = [] },
            WhiteLists = [new AgbWhiteList { Path = "a" }, new AgbWhiteList { Path = "b", ExcludePaths = ["b/c"] }],
            Mapping = new AgbMappingPolicy { Path = "/srv" },
        }));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("no policy")]
    [InlineData("""{"upload":{"autoUpload":"perhaps"}}""")]
    public void What_is_no_policy_is_a_damaged_catalog(string stored)
    {
        var error = Should.Throw<AgbException>(() => ReadMount(stored));

        error.ErrorId.ShouldBe(AgbErrorIds.StoreCorrupt);
        error.Kind.ShouldBe(AgbErrorKind.DataCorrupt);
        error.Message.ShouldContain("catalog.db");
    }

    [Fact]
    public void Lists_of_a_sandbox_s_limits_that_are_not_named_are_empty()
    {
        var controls = SandboxHandle.Parse(
            """{"initPid":1,"initStartTime":2,"monitorPid":3,"monitorStartTime":4,"bootId":"b","shell":"/bin/sh","controls":{}}""")!.Controls.ShouldNotBeNull();

        (controls.Groups.Count + controls.Entrances.Count + controls.Rlimits.Count + controls.Counters.Count + controls.States.Count).ShouldBe(0);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private MountRow ReadMount(string policy)
    {
        using var catalog = CatalogDb.Open(Path.Combine(_directory, "catalog.db"));
        catalog.Write(tx =>
        {
            SessionTable.Insert(
                tx,
                new SessionRow
                {
                    Id = "s", ImageId = "i", Status = AgbSessionStatus.Running, Network = AgbNetwork.None, CreatedAt = DateTimeOffset.UnixEpoch, Owner = "",
                },
                new Dictionary<string, string>());
            MountTable.Insert(tx, new MountRow
            {
                SessionId = "s", Name = "m0", ContextId = "c", Path = "/data", Policy = new AgbSyncPolicy(), Kind = MountKind.Copy, Stack = "", Seen = 0,
            });
            tx.Execute("UPDATE mounts SET policy = $policy", ("$policy", policy));
        });
        return catalog.Read(tx => MountTable.OfSession(tx, "s")).ShouldHaveSingleItem();
    }
}
