import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node of the tests' cluster in a process of its own, so that it can be killed and paused like a real one. */
public final class TestNode {
    /** Arguments: directory, node's name, HTTP port, transport port, all nodes' names, all transport addresses, plugins. */
    public static void main(String[] arguments) throws Exception {
        String directory = arguments[0];
        String name = arguments[1];
        Thread watch = new Thread(() -> endWithParent(new File(directory)));
        watch.setDaemon(true);
        watch.start();
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("node.name", name);
            settings.put("network.host", "127.0.0.1");
            settings.put("http.port", arguments[2]);
            settings.put("transport.port", arguments[3]);
            settings.put("cluster.initial_cluster_manager_nodes", arguments[4]);
            settings.put("discovery.seed_hosts", arguments[5]);
            // A node that is killed is missed at once; one that is paused, after ten seconds: a busy one is not so slow.
            settings.put("cluster.fault_detection.follower_check.timeout", "5s");
            settings.put("cluster.fault_detection.follower_check.retry_count", "2");
            settings.put("cluster.fault_detection.leader_check.timeout", "5s");
            settings.put("cluster.fault_detection.leader_check.retry_count", "2");
            settings.put("cluster.publish.timeout", "8s");
            settings.put("search.keep_alive_interval", "2s");
            settings.put("cluster.follower_lag.timeout", "4s");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
            settings.put("node.store.allow_mmap", "false");
        });
        try {
            runner.build(OpenSearchRunner.newConfigs()
                    .clusterName("arshif-test")
                    .numOfNode(1)
                    .pluginTypes(arguments[6])
                    .basePath(Path.of(directory).toString())
                    .useLogger());
        } catch (RuntimeException error) {
            // On a busy machine the runner gives up waiting for a node that is about to be there.
            error.printStackTrace();
        }
        Thread.currentThread().join();
    }

    /** Ends the node with the process that started it, which then cannot clean up either, however early that is. */
    private static void endWithParent(File directory) {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever written
            }
        } catch (IOException error) {
            // it is gone
        }
        remove(directory);
        directory.getParentFile().delete(); // goes with the last node
        Runtime.getRuntime().halt(0);
    }

    private static void remove(File file) {
        File[] within = file.listFiles();
        if (within != null) {
            for (File one : within) {
                remove(one);
            }
        }
        file.delete();
    }
}
