using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agb.Protocol;

namespace Agb.Protocol.Tests;

/// <summary>Everything that the service's contract carries survives the way there and back.</summary>
public sealed class ExtensionTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 22, 16, 11, 31, 123, 456, TimeSpan.Zero);

    [Fact]
    public void Sessions()
    {
        var session = Whole(new AgbSession
        {
            SessionId = "s-1",
            ImageId = "agb-code-space-1",
            Status = AgbSessionStatus.Failed,
            Labels = new Dictionary<string, string> { ["owner"] = "ü" },
            ContextSyncs = [new AgbContextSync { ContextId = "SdkCtx-1", Path = "/home/data", Policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/tmp/m" } } }],
            CreatedAt = s_time,
            ExpiresAt = s_time.AddTicks(7),
            IdleTimeout = TimeSpan.FromMilliseconds(1500.5),
            IdleAction = AgbIdleAction.Suspend,
            ForkedFrom = "s-0",
            Network = AgbNetwork.None,
            Limits = new AgbSessionLimits { MemoryBytes = 1L << 40, Processes = 16, Cpus = 0.5, DiskBytes = 1L << 41, OpenFiles = 64 },
            LimitStates = [new AgbLimitState { Limit = AgbLimitKind.Cpus, Value = 0.5, Mechanism = AgbLimitMechanism.CgroupV2, Detail = "d" }],
            FailureReason = "because",
        });

        var read = Roundtrip(SessionDetail.From(session), WireJson.Default.SessionDetail).ToSession(null);

        read.Labels.ShouldBe(session.Labels);
        read.ContextSyncs.ShouldHaveSingleItem().ToString().ShouldBe("SdkCtx-1 at /home/data (from /tmp/m)");
        read.LimitStates.ShouldBe(session.LimitStates);
        (read with { Labels = session.Labels, ContextSyncs = session.ContextSyncs, LimitStates = session.LimitStates })
            .ShouldBe(session with { ContextSyncs = session.ContextSyncs });
    }

    [Fact]
    public void A_session_without_limits_says_nothing_of_them()
    {
        var session = new AgbSession { SessionId = "s-1", ImageId = "i", CreatedAt = s_time };

        JsonSerializer.Serialize(SessionDetail.From(session), WireJson.Default.SessionDetail).ShouldNotContain("imit");
        Roundtrip(SessionDetail.From(session), WireJson.Default.SessionDetail).ToSession(null).Limits.ShouldBe(AgbSessionLimits.None);
    }

    [Fact]
    public void Contexts_and_versions()
    {
        var context = Whole(new AgbContext { Id = "SdkCtx-1", Name = "a b", State = AgbContextState.Clearing, CreatedAt = s_time, LastUsedAt = s_time.AddTicks(1) });
        var version = Whole(new AgbContextVersion
        {
            ContextId = "SdkCtx-1", Version = 1L << 60, CreatedAt = s_time, Origin = AgbVersionOrigin.Restore, SessionId = "s", FilesAdded = 1,
            FilesChanged = 2, FilesDeleted = 3, Bytes = 4, BytesRemoved = 5,
        });

        Roundtrip(context, WireJson.Default.AgbContext).ShouldBe(context);
        Roundtrip(version, WireJson.Default.AgbContextVersion).ShouldBe(version);
    }

    [Fact]
    public void Files_and_images()
    {
        var file = Whole(new AgbContextFile
        {
            ContextId = "c", Path = "/a/ü\u0001", Type = AgbFileType.SymbolicLink, Size = 7, CreatedAt = s_time, ModifiedAt = s_time, Mode = 0x1ED,
            LinkTarget = "b", ETag = "\"e\"",
        });
        var image = Whole(new AgbImage
        {
            ImageId = "i", Root = "/r", HomeDirectory = "/h", Description = "d", Environment = new Dictionary<string, string> { ["A"] = "b" },
            HasBrowser = true, HasDesktop = true, Languages = [AgbCodeLanguage.R], Missing = ["chromium"], Remedy = "install it",
        });

        Roundtrip(file, WireJson.Default.AgbContextFile).ShouldBe(file);
        var read = Roundtrip([image], WireJson.Default.IReadOnlyListAgbImage)[0];
        read.Environment.ShouldBe(image.Environment);
        read.Languages.ShouldBe(image.Languages);
        read.Missing.ShouldBe(image.Missing);
        (read with { Environment = image.Environment, Languages = image.Languages, Missing = image.Missing }).ShouldBe(image);
        JsonSerializer.Serialize(image, WireJson.Default.AgbImage).ShouldContain("\"R\"", Case.Insensitive);
    }

    [Fact]
    public void Command_results_keep_their_bytes()
    {
        var result = Whole(new AgbCommandResult
        {
            SessionId = "s", Command = "c", ExitCode = 137, Signal = 9, TimedOut = true, LimitReached = AgbLimitKind.Disk, Duration = TimeSpan.FromTicks(12345), StdoutTruncated = true,
            StderrTruncated = true,
        }.WithOutput([0xff, 0, 1], "e"u8.ToArray()));

        var read = Roundtrip(CommandDetail.From(result), WireJson.Default.CommandDetail).ToResult("s", "c", null);

        read.GetStdoutBytes().ShouldBe(result.GetStdoutBytes());
        read.Stdout.ShouldBe(result.Stdout);
        read.Stderr.ShouldBe("e");
        read.ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(137), r => r.Signal.ShouldBe(9), r => r.TimedOut.ShouldBeTrue(), r => r.LimitReached.ShouldBe(AgbLimitKind.Disk), r => r.Duration.ShouldBe(result.Duration),
            r => r.StdoutTruncated.ShouldBeTrue(), r => r.StderrTruncated.ShouldBeTrue());
    }

    [Fact]
    public void Command_requests_and_lines()
    {
        var request = Whole(new AgbCommandRequest
        {
            Command = "c", Timeout = TimeSpan.FromTicks(1), WorkingDirectory = "/w", Environment = new Dictionary<string, string> { ["A"] = "\"" }, MaxOutputBytes = 3,
            Arguments = ["x", ""],
        }, nameof(AgbCommandRequest.Input), nameof(AgbCommandRequest.Lines), nameof(AgbCommandRequest.Output));
        var line = Whole(new AgbCommandOutput { SessionId = "s", Stream = AgbOutputStream.Stderr, Number = 3, Text = "t", IsPartial = true, Time = s_time });

        var read = Roundtrip(RunCommandBody.From("s", request), WireJson.Default.RunCommandBody).ToRequest();

        read.Environment.ShouldBe(request.Environment);
        read.Arguments.ShouldBe(request.Arguments);
        (read with { Environment = request.Environment, Arguments = request.Arguments }).ShouldBe(request);
        Roundtrip(OutputLine.From(line), WireJson.Default.OutputLine).ToOutput("s", null).ShouldBe(line);
    }

    [Fact]
    public void Code()
    {
        var output = Whole(new AgbCodeOutput { IsMainResult = true, Mime = new Dictionary<string, string> { ["text/plain"] = "7" } });
        var result = Whole(new AgbCodeResult
        {
            SessionId = "s", Language = AgbCodeLanguage.R, Stdout = "o", Stderr = "e", Results = [output], Error = "x", TimedOut = true, ExecutionCount = 3,
            Duration = TimeSpan.FromTicks(7),
        });

        var read = Roundtrip(CodeDetail.From(result), WireJson.Default.CodeDetail).ToResult("s", null);
        var happened = Roundtrip(new AgbCodeEvent { Result = output }, WireJson.Default.AgbCodeEvent);

        read.Results.ShouldHaveSingleItem().ShouldSatisfyAllConditions(r => r.IsMainResult.ShouldBeTrue(), r => r.Text.ShouldBe("7"));
        (read with { Results = result.Results }).ShouldBe(result with { Results = result.Results }, "all but the list");
        happened.Stream.ShouldBeNull();
        happened.Result!.Text.ShouldBe("7");
    }

    [Fact]
    public void Sync_tasks_and_plans()
    {
        var task = Whole(new AgbSyncStatus
        {
            SessionId = "s", ContextId = "c", Path = "/p", TaskType = AgbSyncTaskType.Download, Status = AgbSyncTaskStatus.Failed, StartTime = s_time,
            FinishTime = s_time, Files = 1, Bytes = 2, TotalFiles = 4, TotalBytes = 5, ErrorMessage = "e", Skipped = ["a socket"],
            Warnings = ["emptied"], Version = 3,
        }, nameof(AgbSyncStatus.ContextName));
        var step = Whole(new AgbSyncPlanItem { SessionId = "s", ContextId = "c", TaskType = AgbSyncTaskType.Download, Action = AgbSyncAction.Keep, Path = "/p", Size = 1, Reason = "r" });
        var request = Whole(new AgbSyncRequest { ContextId = "c", Path = "/p", Mode = AgbSyncTaskType.Download, Force = true, MaxDeletePercent = 12.5 });

        var read = Roundtrip([task], WireJson.Default.IReadOnlyListAgbSyncStatus)[0];

        read.Skipped.ShouldBe(task.Skipped);
        read.Warnings.ShouldBe(task.Warnings);
        (read with { Skipped = task.Skipped, Warnings = task.Warnings }).ShouldBe(task with { Skipped = task.Skipped, Warnings = task.Warnings });
        Roundtrip([step], WireJson.Default.IReadOnlyListAgbSyncPlanItem)[0].ShouldBe(step);
        Roundtrip(StartSyncBody.From("s", request), WireJson.Default.StartSyncBody).ToRequest().ShouldBe(request);
    }

    [Fact]
    public void Terminals()
    {
        var request = Whole(new AgbTerminalRequest
        {
            Size = new AgbTerminalSize(3, 4), TerminalType = "vt100", WorkingDirectory = "/w", Environment = new Dictionary<string, string> { ["A"] = "b" },
        });

        var read = Roundtrip(TerminalBody.From("s", request), WireJson.Default.TerminalBody).ToRequest();

        read.Environment.ShouldBe(request.Environment);
        (read with { Environment = request.Environment }).ShouldBe(request);
    }

    private static T Roundtrip<T>(T message, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(message, type), type).ShouldNotBeNull();

    /// <summary>Peers of other versions may leave members out.</summary>
    [Fact]
    public void Objects_of_the_contract_are_read_without_their_optional_members()
    {
        Read("""{"sessionId":"s","contextId":"c","path":"/p"}""", WireJson.Default.AgbSyncStatus).ShouldSatisfyAllConditions(
            t => t.Skipped.ShouldBeEmpty(), t => t.Warnings.ShouldBeEmpty());
        Read("""{"imageId":"i","homeDirectory":"/home/i"}""", WireJson.Default.AgbImage).ShouldSatisfyAllConditions(
            i => i.Root.ShouldBe("/"), i => i.Environment.ShouldBeEmpty());
        Read("""{"result":{}}""", WireJson.Default.AgbCodeEvent).Result!.Mime.ShouldBeEmpty();
        Read("""{"id":"c","name":"n"}""", WireJson.Default.AgbContext).Name.ShouldBe("n");
        Read("""{"contextId":"c","version":1}""", WireJson.Default.AgbContextVersion).BytesRemoved.ShouldBeNull();
        Read("""{"contextId":"c","path":"/f"}""", WireJson.Default.AgbContextFile).Mode.ShouldBeNull();
        Read("{}", WireJson.Default.AgbSessionLimits).ShouldBe(AgbSessionLimits.None);

        static T Read<T>(string json, JsonTypeInfo<T> type)
            where T : class => WireReader.Read(json, type, "object");
    }

    /// <summary>The names that other versions of our clients and servers know.</summary>
    [Fact]
    public void Objects_of_the_contract_keep_their_names_on_the_wire()
    {
        Names(WireJson.Default.AgbContext).ShouldBe("id name state createdAt lastUsedAt");
        Names(WireJson.Default.AgbContextVersion).ShouldBe(
            "contextId version createdAt origin sessionId filesAdded filesChanged filesDeleted bytes bytesRemoved");
        Names(WireJson.Default.AgbContextFile).ShouldBe("contextId path type size createdAt modifiedAt mode linkTarget eTag");
        Names(WireJson.Default.AgbImage).ShouldBe("imageId root homeDirectory description environment hasBrowser hasDesktop languages missing remedy");
        Names(WireJson.Default.AgbSyncStatus).ShouldBe(
            "sessionId contextId path taskType status startTime finishTime files bytes totalFiles totalBytes errorMessage skipped warnings version");
        Names(WireJson.Default.AgbSyncPlanItem).ShouldBe("sessionId contextId taskType action path size reason");
        Names(WireJson.Default.AgbSessionLimits).ShouldBe("memoryBytes processes cpus diskBytes openFiles");
        Names(WireJson.Default.AgbLimitState).ShouldBe("limit value mechanism detail");
        Names(WireJson.Default.AgbCodeOutput).ShouldBe("isMainResult mime");
        Names(WireJson.Default.AgbCodeEvent).ShouldBe("stream text result");

        static string Names(JsonTypeInfo type) => string.Join(' ', type.Properties.Where(p => p.Get is not null).Select(p => p.Name));
    }

    /// <summary>An object of the contract with no property left as it is by itself: one that the wire forgets would not show.</summary>
    /// <param name="given">The object.</param>
    /// <param name="noPlace">The properties that no message carries.</param>
    private static T Whole<T>(T given, params string[] noPlace)
        where T : class
    {
        var left = typeof(T).GetProperties()
            .Where(p => p is { CanWrite: true, Name: not nameof(AgbObject.Service) })
            .Where(p => p.GetValue(given) switch
            {
                null => true,
                System.Collections.IEnumerable items => !items.GetEnumerator().MoveNext(),
                ValueType value => value.Equals(Activator.CreateInstance(value.GetType())),
                _ => false,
            });
        left.Select(p => p.Name).Order().ShouldBe(noPlace);
        return given;
    }
}
