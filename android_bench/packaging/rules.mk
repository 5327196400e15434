# SPDX-License-Identifier: Apache-2.0
# make apk  the benchmark app and the APK by which device farms run it; ABIS="arm64-v8a x86_64" for several processors
# make aar  the delegate's library for other apps
# make lint-kotlin  style and syntax of Kotlin and of Gradle's scripts; part of make lint
# None needs Android's SDK, NDK or Gradle. Needs Maven, a JDK, and Debian's packages aapt, apksigner and dexdump.

ABIS ?= arm64-v8a

ANDROID := android_bench
PACKAGES := build/android
PACKAGING := $(PACKAGES)/packaging
PACKAGE = $(BIN)/python -m android_bench.packaging
DELEGATE_KOTLIN := $(shell find $(ANDROID)/delegate/src/main/kotlin -name '*.kt')
APP_KOTLIN := $(shell find $(ANDROID)/app/src/main/kotlin -name '*.kt')
APP_RESOURCES := $(shell find $(ANDROID)/app/src/main/res -type f) $(ANDROID)/app/src/main/AndroidManifest.xml
ASSETS := $(shell find $(PACKAGES)/assets -type f 2>/dev/null)
FARM_KOTLIN := $(shell find $(ANDROID)/app/src/androidTest -name '*.kt')

# What Maven copies into a folder, by the name of the execution in pom.xml that lists it.
copied = $(PACKAGING)/$(1)/.complete
$(PACKAGING)/%/.complete: $(ANDROID)/pom.xml
	@command -v mvn >/dev/null || { echo "Maven is not installed. Run: apt install maven" >&2; exit 1; }
	@mkdir -p $(@D)
	@echo "Fetching what pom.xml lists under '$*'"
	@mvn -B -q -Dstyle.color=never -N -f $(ANDROID)/pom.xml dependency:copy@$* || \
	  { echo "Maven could not fetch it. It needs a network, once." >&2; exit 1; }
	@touch $@

.PHONY: apk aar android-fetch lint-kotlin FORCE

apk: $(PACKAGES)/tfsparse-bench.apk $(PACKAGES)/tfsparse-bench-test.apk

aar: $(PACKAGES)/tfsparse-delegate.aar

android-fetch: $(call copied,fetched)

# KTLINT=--format corrects what it can.
lint-kotlin: $(call copied,checks)
	java -jar $(PACKAGING)/checks/ktlint-cli-all.jar --log-level=error $(KTLINT) '$(ANDROID)/**/*.kt' '$(ANDROID)/**/*.kts' \
	  'tests/**/*.kt'

# What the last APK was made for: it is made anew when that changes.
$(PACKAGING)/settings: FORCE
	@mkdir -p $(@D)
	@echo "$(ABIS) $(KEYSTORE) $(KEY_ALIAS)" | cmp -s - $@ || echo "$(ABIS) $(KEYSTORE) $(KEY_ALIAS)" > $@

PACKAGING_READY := $(wildcard $(ANDROID)/packaging/*.py) tfsparse/__init__.py $(call copied,fetched) | $(VENV)/.ready-dev

$(PACKAGING)/delegate.jar: $(DELEGATE_KOTLIN) $(PACKAGING_READY)
	$(PACKAGE) delegate

$(PACKAGING)/resources/resources.apk: $(APP_RESOURCES) $(PACKAGES)/assets/data/digits.npz $(ASSETS) $(PACKAGING_READY)
	$(PACKAGE) resources

$(PACKAGING)/app.jar: $(APP_KOTLIN) $(PACKAGING)/delegate.jar $(PACKAGING)/resources/resources.apk $(PACKAGING_READY)
	$(PACKAGE) app

$(PACKAGING)/bytecode.zip: $(PACKAGING)/app.jar $(ANDROID)/app/proguard-rules.pro $(ANDROID)/delegate/consumer-rules.pro
	$(PACKAGE) bytecode

$(PACKAGES)/tfsparse-bench.apk: $(PACKAGING)/bytecode.zip $(PACKAGING)/settings $(ABIS:%=$(PACKAGES)/native/%/libtfsparse_jni.so)
	$(PACKAGE) apk $(ABIS)

$(PACKAGES)/tfsparse-bench-test.apk: $(FARM_KOTLIN) $(PACKAGING)/app.jar $(PACKAGING)/settings
	$(PACKAGE) instrumentation

$(PACKAGES)/tfsparse-delegate.aar: $(PACKAGING)/delegate.jar $(ANDROID)/delegate/consumer-rules.pro LICENSE \
    $(JNI_LIBRARIES)
	$(PACKAGE) aar $(JNI_ABIS)
